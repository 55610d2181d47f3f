using Npgsql;
using Orchestra.Database.Postgres;
using Orchestra.Database.Seeders;
using Orchestra.Sync;
using Orchestra.Sync.Store;
using Orchestra.TestKit.Postgres;
using Orchestra.TestKit.Stores;
using Xunit;

namespace Orchestra.Tests.Seeding;

public sealed class PostgresSeederTests(PostgresSeederTests.Seeded seeded)
    : IClassFixture<PostgresSeederTests.Seeded>
{
    private static readonly CancellationToken Never = CancellationToken.None;

    private static readonly HistoryPlan Plan = new(
        Users: 110,
        RowsPerUser: 60,
        Months: 5,
        Seed: 3,
        new DateTimeOffset(2025, 3, 20, 12, 0, 0, TimeSpan.Zero)
    );

    [Fact]
    public async Task The_store_finds_what_pushes_would_have_left()
    {
        await using var database = PostgresDatabase.Open(
            await seeded.ConnectionStringAsync("orchestra_app")
        );
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
    public async Task The_same_seed_gives_the_same_histories_and_owners_that_are_there_stay()
    {
        var other = new Seeded();
        await other.CreateAsync();
        await other.SeedAsync(Plan with { Users = 70 });
        var done = await other.SeedAsync(Plan);
        Assert.Equal((Plan.Users, 70), (done.Users, done.Skipped));
        Assert.Equal(await HashAsync(seeded), await HashAsync(other));
    }

    [Fact]
    public async Task Walls_stand_again_when_it_is_done() =>
        Assert.Equal(
            0L,
            await seeded.ReadAsync(
                "select count(*) from pg_class where relrowsecurity and not relforcerowsecurity"
            )
        );

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
                await seeded.ReadAsync(
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

    private static async Task<object?> HashAsync(Seeded database) =>
        await database.ReadAsync(
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

    /// <summary>A database of its own, seeded once for all these tests.</summary>
    public sealed class Seeded : IAsyncLifetime
    {
        private string database = "";

        public async Task InitializeAsync()
        {
            await CreateAsync();
            var done = await SeedAsync(Plan);
            Assert.Equal((Plan.Users, 0), (done.Users, done.Skipped));
        }

        public async Task CreateAsync()
        {
            var server = await PostgresServer.SharedAsync();
            database = await server.CreateDatabaseAsync();
            await new PostgresSchema(server.ConnectionString(database)).MigrateAsync(
                null,
                new Progress<MigrationNews>(),
                Never
            );
        }

        /// <summary>As the least login that may.</summary>
        public async Task<SeedProgress> SeedAsync(HistoryPlan plan) =>
            await new PostgresSeeder(await ConnectionStringAsync("orchestra_migrator")).SeedAsync(
                plan,
                null,
                Never
            );

        public async Task<string> ConnectionStringAsync(string role) =>
            (await PostgresServer.SharedAsync()).ConnectionString(database, role);

        public async Task<object?> ReadAsync(string sql)
        {
            await using var connection = new NpgsqlConnection(
                await ConnectionStringAsync("postgres")
            );
            await connection.OpenAsync();
            await using var command = new NpgsqlCommand(sql, connection);
            return await command.ExecuteScalarAsync();
        }

        public Task DisposeAsync() => Task.CompletedTask;
    }
}
