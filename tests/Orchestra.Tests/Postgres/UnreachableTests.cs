using Orchestra.Sync;
using Orchestra.Sync.Errors;
using Orchestra.Sync.Wire;
using Orchestra.TestKit.Postgres;
using Orchestra.TestKit.Silos;
using Orchestra.Tests.Protocol;

namespace Orchestra.Tests.Postgres;

/// <summary>PostgreSQL dies under load and comes back.</summary>
public sealed class UnreachableTests : IAsyncLifetime
{
    private const int Devices = 8;

    private PostgresServer server = null!;
    private MigratedDatabase database = null!;
    private RunningSilo silo = null!;

    public async Task InitializeAsync()
    {
        server = await PostgresServer.StartAsync();
        database = await MigratedDatabase.CreateAsync(server);
        silo = await RunningSilo.StartAsync(
            null,
            ("Orchestra:Postgres:ConnectionString", database.ConnectionString())
        );
    }

    public async Task DisposeAsync()
    {
        await silo.DisposeAsync();
        await server.DisposeAsync();
    }

    [Fact]
    public async Task P3_After_kill_9_service_resumes_by_itself_and_nothing_acknowledged_is_missing()
    {
        var devices = await Task.WhenAll(
            Enumerable.Range(0, Devices).Select(_ => Pusher.ConnectAsync(silo))
        );
        using var end = new CancellationTokenSource();
        var pushing = Task.WhenAll(devices.Select(device => device.PushUntilAsync(end.Token)));
        await AllAsync(devices, device => device.AcknowledgedAsync(10));
        await server.KillAsync();
        await AllAsync(devices, device => device.ToldUnavailableAsync());
        await server.RestartAsync();
        var before = devices.Select(device => device.Acknowledged).ToList();
        await AllAsync(devices, device => device.AcknowledgedAsync(device.Acknowledged + 20));
        await end.CancelAsync();
        await pushing;

        for (var i = 0; i < Devices; i++)
        {
            Assert.True(devices[i].Acknowledged > before[i]);
            Assert.Equal(
                devices[i].Acknowledged,
                await database.RunAsync(
                    $"""
                    select count(distinct seq) from orchestra.sync_log
                    where owner_id = '{devices[i].Owner}' and seq between 1 and {devices[
                        i
                    ].Acknowledged}
                    """
                )
            );
        }
        Assert.Equal(
            0L,
            await database.RunAsync(
                """
                select count(*) from orchestra.sync_head h where version <>
                    (select count(distinct l.version) from orchestra.sync_log l
                    where l.owner_id = h.owner_id)
                """
            )
        );
        foreach (var device in devices)
            await device.DisposeAsync();
    }

    private static Task AllAsync(IEnumerable<Pusher> devices, Func<Pusher, Task> until) =>
        Task.WhenAll(devices.Select(until)).WaitAsync(TimeSpan.FromMinutes(1));

    /// <summary>A device that pushes one change after the other, and again what was not taken.</summary>
    private sealed class Pusher(RawDevice device) : IAsyncDisposable
    {
        private readonly TaskCompletionSource unavailable = new();
        private TaskCompletionSource progress = new();

        public OwnerId Owner => device.Owner;

        /// <summary>The last seq that has a verdict.</summary>
        public long Acknowledged { get; private set; }

        public static async Task<Pusher> ConnectAsync(RunningSilo silo) =>
            new(await RawDevice.ConnectAsync(silo, SharedServer.NewOwner()));

        public async Task PushUntilAsync(CancellationToken end)
        {
            var change = Edits.Project();
            while (!end.IsCancellationRequested)
            {
                device.LastSeq = Acknowledged;
                var push = await device.SendAsync(change);
                var answer = await device.Socket.ExpectAsync<ServerMessage>(message =>
                    message is PushedMessage pushed && pushed.Ref == push.Ref
                    || message is ErrorMessage error && error.Ref == push.Ref
                );
                if (answer is PushedMessage)
                {
                    Acknowledged++;
                    change = Edits.Project();
                    Interlocked.Exchange(ref progress, new TaskCompletionSource()).SetResult();
                    continue;
                }
                var refusal = Assert.IsType<ErrorMessage>(answer);
                Assert.True(refusal.Retryable);
                Assert.Contains(
                    refusal.Code,
                    new[] { ErrorCode.StoreUnavailable.Name(), ErrorCode.Overloaded.Name() }
                );
                if (refusal.Code == ErrorCode.StoreUnavailable.Name())
                    unavailable.TrySetResult();
            }
        }

        public async Task AcknowledgedAsync(long seq)
        {
            while (Acknowledged < seq)
                await progress.Task;
        }

        public Task ToldUnavailableAsync() => unavailable.Task;

        public ValueTask DisposeAsync() => device.DisposeAsync();
    }
}
