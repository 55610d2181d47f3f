using System.Net;
using System.Net.Sockets;
using Orchestra.TestKit.Proxies;

namespace Orchestra.Tests.Client.Live;

/// <summary>Forwards a server's connections and changes one bit where certain bytes go by.</summary>
internal sealed class FlippingProxy : IAsyncDisposable
{
    private readonly AcceptLoop clients;
    private readonly byte[] where;
    private readonly int target;
    private int flips;

    /// <param name="target">The server's port.</param>
    /// <param name="where">Sought in each piece that is read; changed only where a piece has all of it.</param>
    public FlippingProxy(int target, byte[] where)
    {
        (this.target, this.where) = (target, where);
        clients = new AcceptLoop(ForwardAsync);
    }

    public Uri Address => clients.Address;

    /// <summary>How often it still does so.</summary>
    public int Flips
    {
        get => Volatile.Read(ref flips);
        set => Volatile.Write(ref flips, value);
    }

    public ValueTask DisposeAsync() => clients.DisposeAsync();

    private async Task ForwardAsync(TcpClient client, CancellationToken stop)
    {
        using var server = new TcpClient();
        await server.ConnectAsync(IPAddress.Loopback, target, stop);
        using var end = CancellationTokenSource.CreateLinkedTokenSource(stop);
        var both = new[]
        {
            CopyAsync(client.GetStream(), server.GetStream(), end.Token),
            CopyAsync(server.GetStream(), client.GetStream(), end.Token),
        };
        await Task.WhenAny(both);
        await end.CancelAsync();
        await Task.WhenAll(both);
    }

    private async Task CopyAsync(NetworkStream from, NetworkStream to, CancellationToken cancel)
    {
        // What could be the beginning of the bytes waits for their end.
        var buffer = new byte[256 * 1024];
        var kept = 0;
        try
        {
            while (await from.ReadAsync(buffer.AsMemory(kept), cancel) is var read and > 0)
            {
                var all = kept + read;
                var at = buffer.AsSpan(0, all).IndexOf(where);
                if (at >= 0 && Flips > 0)
                {
                    buffer[at] ^= 1;
                    Interlocked.Decrement(ref flips);
                }
                kept = at >= 0 ? 0 : Beginning(buffer.AsSpan(0, all));
                await to.WriteAsync(buffer.AsMemory(0, all - kept), cancel);
                buffer.AsSpan(all - kept, kept).CopyTo(buffer);
            }
        }
        catch (Exception e) when (e is IOException or OperationCanceledException)
        {
            // The other direction, or one of the ends, is gone.
        }
    }

    private int Beginning(ReadOnlySpan<byte> bytes)
    {
        for (var length = Math.Min(where.Length - 1, bytes.Length); length > 0; length--)
            if (bytes.EndsWith(where.AsSpan(0, length)))
                return length;
        return 0;
    }
}
