using System.Buffers;
using System.Net.WebSockets;

namespace Orchestra.Gateway.Sockets;

/// <summary>How reading a message ended.</summary>
internal enum Reading
{
    Text,
    Binary,
    TooLarge,
    Closed,
}

/// <summary>A message while it comes in and until it is disposed, in a rented buffer.</summary>
internal sealed class ReceivedMessage : IDisposable
{
    private const int FirstBuffer = 4 * 1024;

    private byte[] buffer = [];
    private int length;

    public Reading Reading { get; private set; } = Reading.Closed;

    public ReadOnlySpan<byte> Utf8 => buffer.AsSpan(0, length);

    public int Length => length;

    /// <summary>Room for the next part; never empty.</summary>
    public Memory<byte> Free()
    {
        if (length == buffer.Length)
            Grow();
        return buffer.AsMemory(length);
    }

    public void Advance(int count) => length += count;

    public ReceivedMessage End(Reading reading)
    {
        Reading = reading;
        return this;
    }

    public ReceivedMessage End(WebSocketMessageType type) =>
        End(
            type switch
            {
                WebSocketMessageType.Text => Reading.Text,
                WebSocketMessageType.Binary => Reading.Binary,
                _ => Reading.Closed,
            }
        );

    public void Dispose()
    {
        if (buffer.Length > 0)
            ArrayPool<byte>.Shared.Return(buffer);
        buffer = [];
        length = 0;
    }

    private void Grow()
    {
        var larger = ArrayPool<byte>.Shared.Rent(Math.Max(FirstBuffer, length * 2));
        Utf8.CopyTo(larger);
        if (length > 0)
            ArrayPool<byte>.Shared.Return(buffer);
        buffer = larger;
    }
}
