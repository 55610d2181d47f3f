using Npgsql;
using Orchestra.Database.Schema;
using Orchestra.Sync;
using Orchestra.Sync.Store;
using Orchestra.TestKit.Postgres;
using Orchestra.TestKit.Stores;

namespace Orchestra.Tests.Postgres;

/// <summary>Months of the log come and go, and no device misses anything for it.</summary>
public sealed class LogRetentionTests : IAsyncLifetime
{
    private const string Months = """
        select string_agg(right(c.relname, 7), ' ' order by c.relname)
        from pg_class c left join pg_inherits i on i.inhrelid = c.oid
        where c.relnamespace = 'orchestra_log'::regnamespace and c.relkind = 'r'
            and c.relname < 'sync_log_2025'
        """;

    private OldHistories old = null!;

    public async Task InitializeAsync() => old = await OldHistories.CreateAsync();

    public Task DisposeAsync() => old.DisposeAsync().AsTask();

    [Fact]
    public async Task Months_are_made_ahead_once()
    {
        var first = await old.MaintainAsync(new Retention(13, 400, 3));
        Assert.Equal(4, first!.MonthsMade);
        Assert.Equal("2024_07 2024_08 2024_09 2024_10", await old.Database.RunAsync(Months));
        var second = await old.MaintainAsync(new Retention(13, 400, 3));
        Assert.Equal(new MaintenanceReport(0, 0, 0, 0, 0, 0), second);
    }

    [Fact]
    public async Task Months_past_their_retention_go_and_devices_catch_up_all_the_same()
    {
        var owner = await old.WriteThreeMonthsAsync();
        var before = owner.Head.CommitNo;

        var report = await old.MaintainAsync();

        Assert.Equal((2, 0, 1L), (report!.MonthsDropped, report.MonthsKept, report.HorizonsRaised));
        Assert.Equal("2024_05 2024_07 2024_08", await old.Database.RunAsync(Months));
        var head = await old.HeadAsync(owner);
        Assert.Equal((4L, before + 1), (head.LogHorizon, head.CommitNo));

        foreach (var known in new[] { 1, 4, 5 })
        {
            var device = new ReplayedDevice(new Cursor(head.Epoch, known, null, null));
            foreach (var row in owner.Rows.Values.Where(row => row.Version <= known))
                device.Hold(row);
            await device.FollowAsync(old.Store, owner.Owner);
            Assert.Equal(head.Digest, device.Digest);
        }
        Assert.Empty((await old.VerifyAsync()).Findings);
    }

    [Fact]
    public async Task A_commit_that_was_decided_before_it_takes_no_effect()
    {
        var owner = await old.WriteThreeMonthsAsync();
        owner.Create("projects", ("name", FieldValue.Text("late")));
        var late = owner.Commit();
        await old.MaintainAsync();

        Assert.Equal(
            [CommitOutcome.FenceLost],
            await old.Store.CommitAsync([late], CancellationToken.None)
        );
        owner.Reload(await old.HeadAsync(owner));
    }

    [Fact]
    public async Task An_owner_whose_whole_history_is_old_goes_on_from_his_head()
    {
        var owner = await old.WriteThreeMonthsAsync();
        await old.MaintainAsync(new Retention(1, 400, 1), now: OldHistories.July.AddMonths(6));
        var head = await old.HeadAsync(owner);
        Assert.Equal((6L, 6L), (head.LogHorizon, head.Version));

        owner.Reload(head);
        owner.Pass(TimeSpan.FromDays(200));
        owner.Create("projects", ("name", FieldValue.Text("again")));
        await old.CommitAsync(owner);
        var outcome = await old.Store.ReadAsync(
            new ReadQuery(owner.Owner, new Cursor(head.Epoch, 6, null, null), 10, 10_000, null),
            CancellationToken.None
        );
        Assert.Equal(7, Assert.Single(outcome.Page!.Entries).Version);
        Assert.Empty((await old.VerifyAsync()).Findings);
    }

    [Fact]
    public async Task A_month_stays_until_every_head_is_raised()
    {
        var owner = await old.WriteThreeMonthsAsync();
        await using (var other = await old.Database.EnterAsync())
        {
            await ExecuteAsync(other, "begin; select from orchestra.sync_head for update");
            var report = await old.MaintainAsync();
            Assert.Equal((0, 2, 1), (report!.MonthsDropped, report.MonthsKept, report.OwnersHeld));
            Assert.Equal("2024_01 2024_03 2024_05 2024_07 2024_08", await MonthsAsync());
        }
        Assert.Equal(2, (await old.MaintainAsync())!.MonthsDropped);
        Assert.Equal(4, (await old.HeadAsync(owner)).LogHorizon);
    }

    [Fact]
    public async Task A_detaching_that_was_interrupted_is_finished()
    {
        var owner = await old.WriteThreeMonthsAsync();
        await using (var reader = await old.Database.EnterAsync())
        {
            await ExecuteAsync(
                reader,
                "begin isolation level repeatable read; select from orchestra.sync_log"
            );
            await using var other = await old.Database.EnterAsync(MigratedDatabase.Maintenance);
            await ExecuteAsync(other, "set lock_timeout = '50ms'");
            await Assert.ThrowsAsync<PostgresException>(() =>
                ExecuteAsync(
                    other,
                    "alter table orchestra.sync_log detach partition orchestra_log.sync_log_2024_01 concurrently"
                )
            );
            Assert.Equal(
                1L,
                await old.Database.RunAsync(
                    "select count(*) from pg_inherits where inhdetachpending"
                )
            );
        }
        Assert.Equal(2, (await old.MaintainAsync())!.MonthsDropped);
        Assert.Equal("2024_05 2024_07 2024_08", await MonthsAsync());
        Assert.Equal(4, (await old.HeadAsync(owner)).LogHorizon);
    }

    [Fact]
    public async Task A_month_that_was_detached_and_not_dropped_is_dropped()
    {
        await old.WriteThreeMonthsAsync();
        await old.Database.RunAsync(
            "alter table orchestra.sync_log detach partition orchestra_log.sync_log_2024_01"
        );
        Assert.Equal(2, (await old.MaintainAsync())!.MonthsDropped);
        Assert.Equal("2024_05 2024_07 2024_08", await MonthsAsync());
    }

    [Fact]
    public async Task Two_runs_at_once_are_one()
    {
        await using var other = await old.Database.EnterAsync(MigratedDatabase.Maintenance);
        await ExecuteAsync(
            other,
            "select pg_advisory_lock(hashtextextended('orchestra.maintenance', 0))"
        );
        Assert.Null(await old.MaintainAsync());
    }

    [Fact]
    public async Task A_login_without_the_role_is_told_what_to_grant()
    {
        var fault = await Assert.ThrowsAsync<SchemaException>(() =>
            old.MaintainAsync(role: MigratedDatabase.App)
        );
        Assert.Contains(
            "grant orchestra_maintenance to orchestra_app",
            fault.Message,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public async Task A_clock_that_is_ahead_costs_no_history()
    {
        await old.WriteThreeMonthsAsync();
        var fault = await Assert.ThrowsAsync<SchemaException>(() =>
            old.MaintainAsync(now: TimeProvider.System.GetUtcNow().AddDays(40))
        );
        Assert.Contains("clock", fault.Message, StringComparison.Ordinal);
        Assert.Equal("2024_01 2024_03 2024_05", await MonthsAsync());
    }

    private async Task<string?> MonthsAsync() => (string?)await old.Database.RunAsync(Months);

    private static async Task ExecuteAsync(NpgsqlConnection connection, string sql)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync();
    }
}
