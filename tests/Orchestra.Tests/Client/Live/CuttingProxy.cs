using System.Net;
using System.Net.Sockets;
using Orchestra.TestKit.Proxies;

namespace Orchestra.Tests.Client.Live;

/// <summary>
/// Forwards a server's connections and cuts each after so many bytes, wherever in a message that
/// is: the n-th connection may carry the n-th budget, the last ones all they like.
/// </summary>
internal sealed class CuttingProxy : IAsyncDisposable
{
    private readonly AcceptLoop clients;
    private readonly Queue<long> budgets;
    private readonly int target;

    public CuttingProxy(int target, IEnumerable<long> budgets)
    {
        this.target = target;
        this.budgets = new Queue<long>(budgets);
        clients = new AcceptLoop(ForwardAsync);
    }

    public Uri Address => clients.Address;

    /// <summary>A run in which nothing was cut has tested nothing.</summary>
    public int Cuts { get; private set; }

    public ValueTask DisposeAsync() => clients.DisposeAsync();

    private async Task ForwardAsync(TcpClient client, CancellationToken stop)
    {
        var budget = new Budget(budgets.TryDequeue(out var bytes) ? bytes : long.MaxValue);
        using var server = new TcpClient();
        await server.ConnectAsync(IPAddress.Loopback, target, stop);
        using var end = CancellationTokenSource.CreateLinkedTokenSource(stop);
        var both = new[]
        {
            CopyAsync(client.GetStream(), server.GetStream(), budget, end.Token),
            CopyAsync(server.GetStream(), client.GetStream(), budget, end.Token),
        };
        await Task.WhenAny(both);
        await end.CancelAsync();
        await Task.WhenAll(both);
        if (!budget.IsLeft)
            Cuts++;
        // A reset, not a goodbye: what is under way is lost.
        client.LingerState = new LingerOption(true, 0);
    }

    private static async Task CopyAsync(
        NetworkStream from,
        NetworkStream to,
        Budget budget,
        CancellationToken cancel
    )
    {
        var buffer = new byte[4096];
        try
        {
            while (budget.IsLeft && await from.ReadAsync(buffer, cancel) is var read and > 0)
                await to.WriteAsync(buffer.AsMemory(0, budget.Spend(read)), cancel);
        }
        catch (Exception e) when (e is IOException or OperationCanceledException)
        {
            // The other direction, or one of the ends, is gone.
        }
    }

    private sealed class Budget(long bytes)
    {
        private long left = bytes;

        public bool IsLeft => Interlocked.Read(ref left) > 0;

        public int Spend(int read)
        {
            var before = Interlocked.Add(ref left, -read) + read;
            return (int)Math.Clamp(before, 0, read);
        }
    }
}
