using System.Diagnostics.CodeAnalysis;
using System.Net.WebSockets;
using Orchestra.Sync.Wire;

namespace Orchestra.Gateway.Sockets;

/// <summary>
/// Writes to a socket, one message at a time. A peer that is gone is no error here: the receiving
/// side notices it and ends the session.
/// </summary>
[SuppressMessage(
    "Design",
    "CA1001",
    Justification = "Nobody asks the semaphore for a wait handle, so it holds nothing; and whoever "
        + "drains may still come while the socket ends."
)]
internal sealed class MessageWriter(WebSocket socket, TimeProvider time, CancellationToken ended)
{
    /// <summary>
    /// A long message leaves in pieces, so that it can be seen to move, and a ping can pass between
    /// two of them.
    /// </summary>
    private const int Piece = 64 * 1024;

    private readonly SemaphoreSlim turn = new(1, 1);
    private long writingSince;

    /// <summary>Whether nothing has left for that long of what is on its way: the peer does not read.</summary>
    public bool IsStalledFor(TimeSpan span) =>
        Volatile.Read(ref writingSince) is var since and > 0 && time.GetElapsedTime(since) >= span;

    public Task SendAsync(ServerMessage message) => SendAsync(WireCodec.Write(message));

    /// <returns>Whether it was written.</returns>
    public Task<bool> SendAsync(ReadOnlyMemory<byte> message) =>
        InTurnAsync(() => WriteAsync(message));

    /// <summary>Says that nothing more comes, and why.</summary>
    public Task CloseAsync(int code, string reason) =>
        InTurnAsync(() => socket.CloseOutputAsync((WebSocketCloseStatus)code, reason, ended));

    private async Task WriteAsync(ReadOnlyMemory<byte> message)
    {
        GatewayMeter.Sent.Add(message.Length);
        while (message.Length > Piece)
        {
            await socket.SendAsync(message[..Piece], WebSocketMessageType.Text, false, ended);
            message = message[Piece..];
            Volatile.Write(ref writingSince, time.GetTimestamp());
        }
        await socket.SendAsync(message, WebSocketMessageType.Text, true, ended);
    }

    private async Task<bool> InTurnAsync(Func<Task> write)
    {
        try
        {
            await turn.WaitAsync(ended);
        }
        catch (Exception e) when (IsGone(e))
        {
            return false;
        }
        try
        {
            if (socket.State is not (WebSocketState.Open or WebSocketState.CloseReceived))
                return false;
            Volatile.Write(ref writingSince, time.GetTimestamp());
            await write();
            return true;
        }
        catch (Exception e) when (IsGone(e))
        {
            return false;
        }
        finally
        {
            Volatile.Write(ref writingSince, 0);
            turn.Release();
        }
    }

    public static bool IsGone(Exception e) =>
        e
            is WebSocketException
                or OperationCanceledException
                or IOException
                or ObjectDisposedException;
}
