using Npgsql;
using Orchestra.Database.Postgres;
using Orchestra.Database.Seeders;
using Orchestra.Sync;
using Orchestra.Sync.Store;
using Orchestra.TestKit.Postgres;
using Orchestra.TestKit.Stores;
using Xunit;

namespace Orchestra.Tests.Seeding;

public sealed class PostgresSeederTests : IAsyncLifetime
{
    private static readonly CancellationToken Never = CancellationToken.None;

    private static readonly HistoryPlan Plan = new(
        Users: 110,
        RowsPerUser: 60,
        Months: 5,
        Seed: 3,
        new DateTimeOffset(2025, 3, 20, 12, 0, 0, TimeSpan.Zero)
    );

    private string connectionString = "";
    private string appConnectionString = "";

    public async Task InitializeAsync()
    {
        var server = await PostgresServer.SharedAsync();
        var database = await server.CreateDatabaseAsync();
        connectionString = server.ConnectionString(database);
        appConnectionString = server.ConnectionString(database, "orchestra_app");
        await new PostgresSchema(connectionString).MigrateAsync(
            null,
            new Progress<MigrationNews>(),
            Never
        );
        // As the least login that may.
        var migrator = server.ConnectionString(database, "orchestra_migrator");
        var done = await new PostgresSeeder(migrator).SeedAsync(Plan, null, Never);
        Assert.Equal(new SeedProgress(Plan.Users, await CountAsync("rows"), 0), done);
    }

    public Task DisposeAsync() => Task.CompletedTask;

    [Fact]
    public async Task The_store_finds_what_pushes_would_have_left()
    {
        await using var database = PostgresDatabase.Open(appConnectionString);
        var store = await PostgresSyncStore.OpenAsync(database, Never);
        var catalog = await store.LoadCatalogAsync(Never);
        var types = catalog.Types.Select(type => type.Name).ToList();
        foreach (var number in Enumerable.Range(1, Plan.Users))
        {
            var owner = Seeder.OwnerOf(Plan.Seed, number);
            var record = (await store.LoadOwnerAsync(owner, Never))!;
            var head = record.Head;
            Assert.Equal(
                new Verified(head.Version, head.Digest, head.Rows),
                await store.VerifyAsync(owner, types, Never)
            );
            // A new device gets the rows; one that has been there from the first version on, the log.
            await new ReplayedDevice(Cursor.Start(0)).FollowAsync(store, owner);
            var witness = new ReplayedDevice(new Cursor(head.Epoch, 1, null, null));
            witness.Hold(FirstRow(owner));
            await witness.FollowAsync(store, owner, maxEntries: 50);
            Assert.Equal(head.Digest, witness.Digest);
            Assert.All(record.Cursors, cursor => Assert.True(cursor.LastSeq > 0));
        }
    }

    [Fact]
    public async Task Every_month_has_all_nine_types_and_there_is_something_of_everything()
    {
        Assert.Equal(Plan.Months, await CountAsync("months with nine types"));
        Assert.InRange(await CountAsync("entries") / (double)await CountAsync("rows"), 2.5, 3.5);
        Assert.True(await CountAsync("tombstones") > 0);
        Assert.True(await CountAsync("revivals") > 0);
        Assert.True(await CountAsync("epochs") > 0);
        Assert.Equal(4, await CountAsync("verdicts"));
        Assert.Equal(0, await CountAsync("owners whose clock went back"));
    }

    [Fact]
    public async Task Owners_that_are_there_already_are_left_alone()
    {
        var before = await CountAsync("entries");
        var more = Plan with { Users = Plan.Users + 1 };
        var done = await new PostgresSeeder(connectionString).SeedAsync(more, null, Never);
        Assert.Equal((Plan.Users + 1, Plan.Users), (done.Users, done.Skipped));
        Assert.InRange(await CountAsync("entries") - before, 100, 250);
    }

    [Fact]
    public async Task The_same_seed_gives_the_same_histories()
    {
        var server = await PostgresServer.SharedAsync();
        var other = server.ConnectionString(await server.CreateDatabaseAsync());
        await new PostgresSchema(other).MigrateAsync(null, new Progress<MigrationNews>(), Never);
        await new PostgresSeeder(other).SeedAsync(Plan, null, Never);
        Assert.Equal(await HashAsync(connectionString), await HashAsync(other));
    }

    /// <summary>The owner's profile, with which every history begins.</summary>
    private static Row FirstRow(OwnerId owner) =>
        new(
            new(EngineEntities.Users, owner.Value),
            1,
            1,
            default,
            default,
            null,
            default,
            null,
            Change.NoFields
        );

    private async Task<long> CountAsync(string what) =>
        (long)
            (
                await ScalarAsync(
                    connectionString,
                    what switch
                    {
                        "rows" => "select sum(n)::bigint from ("
                            + string.Join(
                                " union all ",
                                "users devices settings projects files tasks notes conversations messages"
                                    .Split(' ')
                                    .Select(table => $"select count(*) as n from orchestra.{table}")
                            )
                            + ") as t",
                        "entries" => "select count(*) from orchestra.sync_log",
                        "months with nine types" => """
                        select count(*) from (
                            select tableoid from orchestra.sync_log
                            group by tableoid having count(distinct entity_type) = 9
                        ) as t
                        """,
                        "tombstones" =>
                            "select count(*) from orchestra.files where deleted_at is not null",
                        "revivals" => "select count(*) from orchestra.sync_log where op = 'revive'",
                        "epochs" => "select count(*) from orchestra.sync_epoch",
                        "verdicts" => "select count(distinct verdict) from orchestra.sync_conflict",
                        _ => """
                        select count(*) from (
                            select created_at < lag(created_at)
                                over (partition by owner_id order by version) as is_back
                            from orchestra.sync_log
                        ) as t where is_back
                        """,
                    }
                )
            )!;

    private static async Task<object?> HashAsync(string connection) =>
        await ScalarAsync(
            connection,
            """
            select md5(string_agg(line, ',' order by line)) from (
                select l::text as line from orchestra.sync_log l
                union all select h::text from orchestra.sync_head h
                union all select t::text from orchestra.tasks t
                union all select c::text from orchestra.sync_conflict c
                union all select d::text from orchestra.device_cursor d
            ) as t
            """
        );

    private static async Task<object?> ScalarAsync(string connectionString, string sql)
    {
        await using var connection = new NpgsqlConnection(connectionString);
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        return await command.ExecuteScalarAsync();
    }
}
