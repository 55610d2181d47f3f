using System.Net;
using System.Net.Sockets;

namespace Orchestra.TestKit.Clusters;

/// <summary>
/// One address before several gateways, as users have it: a new connection goes to the next gateway
/// that takes it. What it forwards can be made to stand still, like a network that has gone.
/// </summary>
public sealed class LoadBalancer : IAsyncDisposable
{
    private readonly TcpListener listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource stop = new();
    private readonly IReadOnlyList<Uri> backends;
    private readonly Task accepting;
    private TaskCompletionSource flow = new();
    private int next;

    public LoadBalancer(params IReadOnlyList<Uri> backends)
    {
        this.backends = backends;
        flow.SetResult();
        listener.Start();
        accepting = AcceptAsync();
    }

    public Uri Address => new($"http://127.0.0.1:{((IPEndPoint)listener.LocalEndpoint).Port}");

    /// <summary>From now on nothing passes, in neither direction, and nobody is told.</summary>
    public void Freeze() => flow = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public void Thaw() => flow.TrySetResult();

    public async ValueTask DisposeAsync()
    {
        Thaw();
        await stop.CancelAsync();
        listener.Stop();
        await accepting;
        stop.Dispose();
    }

    private async Task AcceptAsync()
    {
        var connections = new List<Task>();
        try
        {
            while (true)
                connections.Add(ForwardAsync(await listener.AcceptTcpClientAsync(stop.Token)));
        }
        catch (OperationCanceledException)
        {
            await Task.WhenAll(connections);
        }
    }

    private async Task ForwardAsync(TcpClient client)
    {
        using (client)
        {
            using var server = await ConnectAsync();
            if (server is null)
                return;
            using var end = CancellationTokenSource.CreateLinkedTokenSource(stop.Token);
            var both = new[]
            {
                CopyAsync(client.GetStream(), server.GetStream(), end.Token),
                CopyAsync(server.GetStream(), client.GetStream(), end.Token),
            };
            await Task.WhenAny(both);
            await end.CancelAsync();
            await Task.WhenAll(both);
        }
    }

    private async Task<TcpClient?> ConnectAsync()
    {
        for (var attempt = 0; attempt < backends.Count; attempt++)
        {
            var backend = backends[(int)((uint)Interlocked.Increment(ref next) % backends.Count)];
            var server = new TcpClient { NoDelay = true };
            try
            {
                await server.ConnectAsync(backend.Host, backend.Port, stop.Token);
                return server;
            }
            catch (Exception e) when (e is SocketException or OperationCanceledException)
            {
                server.Dispose();
            }
        }
        return null;
    }

    private async Task CopyAsync(NetworkStream from, NetworkStream to, CancellationToken cancel)
    {
        var buffer = new byte[16 * 1024];
        try
        {
            while (await from.ReadAsync(buffer, cancel) is var read and > 0)
            {
                await flow.Task.WaitAsync(cancel);
                await to.WriteAsync(buffer.AsMemory(0, read), cancel);
            }
        }
        catch (Exception e) when (e is IOException or OperationCanceledException)
        {
            // The other direction, or one of the ends, is gone.
        }
    }
}
