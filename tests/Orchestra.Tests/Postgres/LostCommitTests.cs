using Orchestra.Sync;
using Orchestra.Sync.Wire;
using Orchestra.TestKit.Postgres;
using Orchestra.TestKit.Silos;
using Orchestra.Tests.Protocol;

namespace Orchestra.Tests.Postgres;

/// <summary>The connection to PostgreSQL ends around a commit, and the device must not notice.</summary>
public sealed class LostCommitTests : IAsyncLifetime
{
    private MigratedDatabase database = null!;
    private CuttingPostgresProxy proxy = null!;
    private RunningSilo silo = null!;
    private RawDevice device = null!;

    public async Task InitializeAsync()
    {
        database = await MigratedDatabase.CreateAsync();
        var server = await PostgresServer.SharedAsync();
        proxy = new CuttingPostgresProxy(server.Port);
        var store = proxy.Through(database.ConnectionString());
        silo = await RunningSilo.StartAsync(null, ("Orchestra:Postgres:ConnectionString", store));
        device = await RawDevice.ConnectAsync(silo, SharedServer.NewOwner());
    }

    public async Task DisposeAsync()
    {
        await device.DisposeAsync();
        await silo.DisposeAsync();
        await proxy.DisposeAsync();
    }

    [Fact]
    public async Task P4_A_commit_whose_reply_is_lost_happened_once_and_the_device_hears_so()
    {
        proxy.CutOnCommitReply(IsCommit);
        var verdicts = await device.PushAsync(Edits.Project(), Edits.Project());

        Assert.All(
            verdicts,
            verdict =>
                Assert.Equal(
                    (ChangeStatus.Duplicate, ChangeStatus.Applied),
                    (verdict.Status, verdict.Was!.Value)
                )
        );
        await ExpectOnceAsync(verdicts);
    }

    [Fact]
    public async Task P4_A_commit_that_is_lost_on_its_way_is_made_again()
    {
        proxy.CutBeforeCommit(IsCommit);
        var verdicts = await device.PushAsync(Edits.Project(), Edits.Project());

        Assert.All(verdicts, verdict => Assert.Equal(ChangeStatus.Applied, verdict.Status));
        await ExpectOnceAsync(verdicts);
    }

    [Fact]
    public async Task P4_A_connection_that_breaks_again_and_again_ends_with_each_change_once()
    {
        proxy.CutOnCommitReply(IsCommit);
        proxy.CutBeforeCommit(IsCommit, times: 2);
        var verdicts = await device.PushAsync(Edits.Project());
        await ExpectOnceAsync(verdicts, cuts: 3);
    }

    private static bool IsCommit(string sql) =>
        sql.Contains("update orchestra.sync_head", StringComparison.Ordinal);

    /// <summary>The log has exactly these changes above the two rows that registration made.</summary>
    private async Task ExpectOnceAsync(IReadOnlyList<WireVerdict> verdicts, int cuts = 1)
    {
        Assert.Equal(cuts, proxy.Cuts);
        var versions = verdicts.Select(verdict => verdict.Version!.Value).ToArray();
        Assert.Equal(Enumerable.Range(3, verdicts.Count).Select(i => (long)i), versions);
        var inLog = await database.RunAsync(
            $"""
            select array_agg(version order by version) from orchestra.sync_log
            where owner_id = '{device.Owner}' and version > 2
            """
        );
        Assert.Equal(versions, inLog);
        var rows = await database.RunAsync(
            $"select count(*) from orchestra.projects where owner_id = '{device.Owner}'"
        );
        Assert.Equal((long)verdicts.Count, rows);
        var cursor = await database.RunAsync(
            $"select last_seq from orchestra.device_cursor where owner_id = '{device.Owner}'"
        );
        Assert.Equal((long)verdicts.Count, cursor);
    }
}
