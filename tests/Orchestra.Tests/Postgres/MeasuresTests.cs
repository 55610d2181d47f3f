using Orchestra.Database.Postgres;
using Orchestra.Database.Postgres.Maintenance;
using Orchestra.Sync.Store;
using Orchestra.TestKit.Postgres;

namespace Orchestra.Tests.Postgres;

/// <summary>What a silo tells of the database, asked as the silo asks.</summary>
public sealed class MeasuresTests
{
    private const string Owners = """
        insert into orchestra.sync_head (
            owner_id, kind, commit_no, commit_id, version, epoch, digest, live_rows, last_commit_at,
            log_horizon, tombstone_horizon, first_month, month_starts)
        select gen_random_uuid(), 'user', 1, gen_random_uuid(), 1000, 1, 0, 0, now(), 0, 0, 0, '{1}'
        from generate_series(1, 100)
        """;

    /// <summary>A device each: 90 at the head, 9 some behind, one far; and each an old one.</summary>
    private const string Devices = """
        with owner as (
            select owner_id, row_number() over (order by owner_id) as n from orchestra.sync_head
        )
        insert into orchestra.device_cursor (
            owner_id, device_id, last_seq, recent, acked_version, last_seen_at)
        select
            owner_id, gen_random_uuid(), 1, '[]'::jsonb,
            case when n <= 90 then 1000 when n <= 99 then 990 else 200 end, now()
        from owner
        union all
        select owner_id, gen_random_uuid(), 1, '[]'::jsonb, 0, now() - interval '2 days' from owner
        """;

    [Fact]
    public async Task The_database_says_how_large_it_is_and_how_far_devices_are_behind()
    {
        var database = await MigratedDatabase.CreateAsync();
        await using var app = PostgresDatabase.Open(database.ConnectionString());
        var measures = new PostgresMeasures(app, TimeProvider.System);
        var empty = await measures.ReadAsync(CancellationToken.None);
        Assert.Equal([0, 0, 0, 0], empty.Lags.Select(lag => lag.Changes));

        await database.RunAsync(Owners);
        await database.RunAsync(Devices);
        await database.RunAsync("analyze orchestra.device_cursor");
        var found = await measures.ReadAsync(CancellationToken.None);

        Assert.Equal([new(0.5, 0), new(0.9, 0), new(0.99, 10), new DeviceLag(1, 800)], found.Lags);
        Assert.Equal(200, Of("device_cursor").Rows);
        Assert.True(Of("device_cursor").Bytes > 0);
        Assert.True(Of("sync_log").Bytes > 0);
        Assert.DoesNotContain(found.Tables, table => table.Table.StartsWith("sync_log_"));
        Assert.Equal((3, 2), (found.LogMonths, found.MonthsAhead));
        Assert.InRange(found.LogReach, TimeSpan.Zero, TimeSpan.FromDays(31));
        Assert.InRange(found.Connections, 1, found.MostConnections);

        TableMeasurement Of(string name) => found.Tables.Single(table => table.Table == name);
    }
}
