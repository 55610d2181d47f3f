using System.Net.Sockets;

namespace Orchestra.TestKit.Proxies;

/// <summary>
/// One address before several gateways, as users have it: a new connection goes to the next gateway
/// that takes it.
/// </summary>
public sealed class LoadBalancer : IAsyncDisposable
{
    private readonly IReadOnlyList<Uri> backends;
    private readonly AcceptLoop clients;
    private volatile TaskCompletionSource held = new();
    private int next;

    public LoadBalancer(params IReadOnlyList<Uri> backends)
    {
        this.backends = backends;
        clients = new AcceptLoop(ForwardAsync);
    }

    public Uri Address => clients.Address;

    /// <summary>
    /// From now on nothing gets through on the connections that there are, and neither end is told:
    /// as if a cable had been cut. New ones are served.
    /// </summary>
    public void CutSilently() =>
        Interlocked.Exchange(ref held, new TaskCompletionSource()).SetResult();

    public ValueTask DisposeAsync() => clients.DisposeAsync();

    private async Task ForwardAsync(TcpClient client, CancellationToken stop)
    {
        using var server = await ConnectAsync(stop);
        if (server is null)
            return;
        var cut = held.Task;
        using var end = CancellationTokenSource.CreateLinkedTokenSource(stop);
        var both = new[]
        {
            CopyAsync(client.GetStream(), server.GetStream(), end.Token),
            CopyAsync(server.GetStream(), client.GetStream(), end.Token),
        };
        var isCut = await Task.WhenAny([.. both, cut]) == cut;
        await end.CancelAsync();
        await Task.WhenAll(both);
        if (isCut)
            await HoldOpenAsync(stop);
    }

    private static async Task HoldOpenAsync(CancellationToken stop)
    {
        try
        {
            await Task.Delay(Timeout.InfiniteTimeSpan, stop);
        }
        catch (OperationCanceledException)
        {
            // The end of the test.
        }
    }

    private async Task<TcpClient?> ConnectAsync(CancellationToken stop)
    {
        for (var attempt = 0; attempt < backends.Count; attempt++)
        {
            var backend = backends[(int)((uint)Interlocked.Increment(ref next) % backends.Count)];
            var server = new TcpClient { NoDelay = true };
            try
            {
                await server.ConnectAsync(backend.Host, backend.Port, stop);
                return server;
            }
            catch (Exception e) when (e is SocketException or OperationCanceledException)
            {
                server.Dispose();
            }
        }
        return null;
    }

    private static async Task CopyAsync(
        NetworkStream from,
        NetworkStream to,
        CancellationToken cancel
    )
    {
        try
        {
            await from.CopyToAsync(to, cancel);
        }
        catch (Exception e) when (e is IOException or OperationCanceledException)
        {
            // The other direction, or one of the ends, is gone.
        }
    }
}
