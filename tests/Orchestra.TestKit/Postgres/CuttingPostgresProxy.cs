using System.Net;
using System.Net.Sockets;
using Npgsql;
using Orchestra.TestKit.Proxies;

namespace Orchestra.TestKit.Postgres;

/// <summary>
/// Forwards connections to a PostgreSQL server and cuts them around a commit, just before it or
/// just after. It understands what it forwards, so that a fault hits the commit it is meant for.
/// </summary>
public sealed class CuttingPostgresProxy : IAsyncDisposable
{
    private readonly CommitFaults faults = new();
    private readonly int target;
    private readonly AcceptLoop clients;
    private TaskCompletionSource way = new();

    /// <param name="target">The server's port.</param>
    public CuttingPostgresProxy(int target)
    {
        this.target = target;
        way.SetResult();
        clients = new AcceptLoop(ForwardAsync);
    }

    public int Port => clients.Port;

    /// <summary>
    /// How many connections were cut around a commit. A run in which nothing was cut has tested
    /// nothing.
    /// </summary>
    public int Cuts => faults.Happened;

    /// <summary>The same database, by way of the proxy.</summary>
    public string Through(string connectionString) =>
        new NpgsqlConnectionStringBuilder(connectionString)
        {
            Host = "127.0.0.1",
            Port = Port,
        }.ConnectionString;

    /// <summary>
    /// Commits and loses the answer, all of it: what was written stands, and the client doesn't know.
    /// </summary>
    /// <param name="statement">
    /// Says of a statement's SQL whether its transaction is meant. Transactions that only read commit
    /// too.
    /// </param>
    /// <param name="times">How many such commits.</param>
    public void CutOnCommitReply(Func<string, bool> statement, int times = 1) =>
        faults.Arm(CommitFault.Reply, statement, times);

    /// <summary>
    /// Loses the commit itself, after the server has had all statements: nothing stands, and the
    /// client doesn't know.
    /// </summary>
    /// <inheritdoc cref="CutOnCommitReply" path="/param"/>
    public void CutBeforeCommit(Func<string, bool> statement, int times = 1) =>
        faults.Arm(CommitFault.Before, statement, times);

    /// <summary>Faults that have not happened by now will not.</summary>
    public void Disarm() => faults.Disarm();

    /// <summary>
    /// From now on nothing gets through in either direction. Connections stay open, new ones are
    /// accepted.
    /// </summary>
    public void Blackhole()
    {
        if (way.Task.IsCompleted)
            Volatile.Write(ref way, new(TaskCreationOptions.RunContinuationsAsynchronously));
    }

    /// <summary>Everything that was kept back arrives, and all goes on.</summary>
    public void Heal() => way.TrySetResult();

    public ValueTask DisposeAsync() => clients.DisposeAsync();

    private async Task ForwardAsync(TcpClient client, CancellationToken stop)
    {
        using var server = new TcpClient();
        try
        {
            await WayAsync(stop);
            await server.ConnectAsync(IPAddress.Loopback, target, stop);
        }
        catch (Exception e) when (e is SocketException or OperationCanceledException)
        {
            return;
        }
        client.NoDelay = server.NoDelay = true;
        var wire = new ForwardedConnection(client.GetStream(), server.GetStream(), WayAsync);
        if (await wire.RunAsync(new PostgresConversation(faults), stop) == Verdict.Cut)
            // A reset, not a goodbye: what is under way is lost.
            client.LingerState = new LingerOption(true, 0);
    }

    private Task WayAsync(CancellationToken cancel) =>
        Volatile.Read(ref way).Task.WaitAsync(cancel);
}
