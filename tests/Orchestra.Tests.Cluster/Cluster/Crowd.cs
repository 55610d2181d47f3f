using System.Diagnostics;
using Orchestra.Client;
using Orchestra.Database.Postgres;
using Orchestra.Database.Postgres.Verification;
using Orchestra.TestKit.Clusters;
using Orchestra.TestKit.Postgres;

namespace Orchestra.Tests.Cluster.Cluster;

/// <summary>Users with several devices each, all of them writing and listening.</summary>
internal sealed class Crowd : IAsyncDisposable
{
    /// <summary>Only ever waited for in full by a test that fails.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private static readonly TimeSpan Glance = TimeSpan.FromMilliseconds(50);

    private readonly ProcessCluster cluster;
    private readonly List<BusyDevice> devices = [];
    private readonly Dictionary<Guid, Guid> shared = [];
    private readonly CancellationTokenSource stop = new();
    private Task writing = Task.CompletedTask;

    private Crowd(ProcessCluster cluster) => this.cluster = cluster;

    public IReadOnlyList<BusyDevice> Devices => devices;

    /// <summary>Rows that devices have written so far.</summary>
    public int Written => devices.Sum(device => device.Written.Count);

    public static async Task<Crowd> GatherAsync(ProcessCluster cluster, int users, int devices)
    {
        var crowd = new Crowd(cluster);
        var ids = Enumerable.Range(0, users).Select(_ => Guid.NewGuid()).ToList();
        foreach (var id in ids)
            crowd.shared[id] = Guid.NewGuid();
        for (var i = 0; i < devices; i++)
            crowd.devices.Add(await BusyDevice.StartAsync(cluster, ids[i % users], i));
        crowd.writing = Task.WhenAll(
            crowd.devices.Select(device =>
                Task.Run(() => device.WriteAsync(crowd.shared[device.User], crowd.stop.Token))
            )
        );
        return crowd;
    }

    /// <summary>
    /// Writes one row for every user, and waits until all his devices have it: push, commit and
    /// delivery work again for everybody.
    /// </summary>
    /// <returns>How long that took.</returns>
    public async Task<TimeSpan> ReachEverybodyAsync()
    {
        var watch = Stopwatch.StartNew();
        await Task.WhenAll(
            devices.GroupBy(device => device.User).Select(user => ReachAsync([.. user]))
        );
        return watch.Elapsed;
    }

    /// <summary>Ends the writing and waits until every device has everything.</summary>
    /// <returns>How long that took.</returns>
    public async Task<TimeSpan> ConvergeAsync()
    {
        await stop.CancelAsync();
        await writing;
        var watch = Stopwatch.StartNew();
        await Task.WhenAll(devices.Select(SettleAsync));
        foreach (var user in devices.GroupBy(device => device.User))
            await AgreeAsync([.. user]);
        return watch.Elapsed;
    }

    /// <summary>P1, P3, P5: what the database has is what was written, once, and fits together.</summary>
    public async Task RequireAllInDatabaseAsync()
    {
        var written = devices.SelectMany(device => device.Written).ToHashSet();
        var missing = await cluster.Database.RunAsync(
            $"""
            select count(*) from unnest('{"{"}{string.Join(
                ',',
                written
            )}{"}"}'::uuid[]) as wanted (id)
            where not exists (
                select from orchestra.projects p where p.id = wanted.id and deleted_at is null
            )
            """
        );
        Assert.Equal(0L, missing);
        await using var database = PostgresDatabase.Open(
            cluster.Database.ConnectionString(MigratedDatabase.Superuser)
        );
        var report = await new PostgresVerifier(database).VerifyAsync(
            null,
            new Progress<VerificationReport>(),
            CancellationToken.None
        );
        Assert.Empty(report.Findings);
        Assert.Equal(shared.Count, report.Owners);
    }

    public async ValueTask DisposeAsync()
    {
        await stop.CancelAsync();
        await writing;
        foreach (var device in devices)
            await device.DisposeAsync();
        stop.Dispose();
    }

    private static async Task ReachAsync(IReadOnlyList<BusyDevice> devices)
    {
        var id = await devices[0].PutAsync(Guid.NewGuid(), "is anybody there");
        foreach (var device in devices)
            await UntilAsync(() => device.HasAsync(id), "a row that has just been written");
    }

    private static Task SettleAsync(BusyDevice device) =>
        UntilAsync(
            () => Task.FromResult(device.Client.Status is { State: SyncState.Synced, Pending: 0 }),
            "everything to be sent and fetched"
        );

    private static Task AgreeAsync(IReadOnlyList<BusyDevice> devices) =>
        UntilAsync(
            async () =>
            {
                var contents = await Task.WhenAll(devices.Select(device => device.ContentsAsync()));
                return contents.Distinct().Count() == 1;
            },
            "all devices of a user to have the same"
        );

    private static async Task UntilAsync(Func<Task<bool>> isSo, string what)
    {
        var watch = Stopwatch.StartNew();
        while (!await isSo())
        {
            if (watch.Elapsed > Patience)
                throw new TimeoutException($"Waited in vain for {what}");
            await Task.Delay(Glance);
        }
    }
}
