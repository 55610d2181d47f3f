using Npgsql;
using Orchestra.Database.Postgres;
using Orchestra.Sync;
using Orchestra.Sync.Errors;
using Orchestra.Sync.Reading;
using Orchestra.Sync.Store;
using Orchestra.TestKit.Postgres;
using Orchestra.TestKit.Stores;

namespace Orchestra.Tests.Postgres;

/// <summary>
/// P14 inside the database: who reads for one owner gets no row of another, whatever he asks, and
/// who has not said for whom gets none.
/// </summary>
public sealed class WallTests : IAsyncLifetime
{
    private const string Readonly = "orchestra_readonly";

    private static readonly CancellationToken Never = CancellationToken.None;

    private MigratedDatabase database = null!;

    public async Task InitializeAsync() =>
        database = await MigratedDatabase.CreateAsync(more: PostgresBench.Specimens);

    public Task DisposeAsync() => Task.CompletedTask;

    [Fact]
    public async Task P14_Every_table_and_every_month_of_the_log_has_a_wall()
    {
        await database.RunAsync(
            "select orchestra_log.make_month('2020-01-01')",
            MigratedDatabase.App
        );
        var tables = await TablesAsync();
        Assert.Contains("orchestra_log.sync_log_2020_01", tables);
        Assert.Contains("orchestra.specimens", tables);
        var bare = await ListAsync(
            """
            select oid::regclass::text from pg_class c
            where exists (
                    select from pg_attribute
                    where attrelid = c.oid and attname = 'owner_id' and not attisdropped
                )
                and relnamespace in ('orchestra'::regnamespace, 'orchestra_log'::regnamespace)
                and relkind in ('r', 'p') and relname <> 'sync_row'
                and not (relrowsecurity and relforcerowsecurity and (
                    select array_agg(polname::text order by polname) = '{engine,one_owner}'
                    from pg_policy where polrelid = c.oid
                ))
            """
        );
        Assert.Empty(bare);
    }

    [Fact]
    public async Task P14_A_reader_sees_the_owner_that_was_said_and_without_one_nobody()
    {
        var (ada, eve) = (await SeedAsync(), await SeedAsync());
        // Rights on a month and its schema are nobody's; were they granted by mistake, the wall stands.
        await database.RunAsync(
            $"""
            grant usage on schema orchestra_log to {Readonly};
            grant select on all tables in schema orchestra_log to {Readonly}
            """
        );
        await using var connection = await database.EnterAsync(Readonly);
        foreach (var table in await TablesAsync())
        {
            var there = await OwnersInAsync(await database.EnterAsync(), table);
            Assert.Empty(await OwnersInAsync(connection, table));
            await using (var transaction = await connection.BeginTransactionAsync())
            {
                await RunAsync(connection, $"set local orchestra.owner = '{ada}'");
                Assert.Equal(
                    there.Contains(ada.Value) ? [ada.Value] : [],
                    await OwnersInAsync(connection, table)
                );
                await transaction.CommitAsync();
            }
            // The setting is empty now, and not unset.
            Assert.Empty(await OwnersInAsync(connection, table));
        }
        Assert.NotEqual(ada, eve);
    }

    /// <summary>What stands behind the wall fails without the reader's rights; the rest goes on.</summary>
    [Fact]
    public async Task P14_The_engine_reads_for_one_owner_behind_the_wall()
    {
        var owner = await SeedAsync();
        await using var opened = PostgresDatabase.Open(database.ConnectionString());
        var store = await PostgresSyncStore.OpenAsync(opened, Never);
        Func<Task>[] reads =
        [
            () => store.LoadOwnerAsync(owner, Never),
            () => store.ReadAsync(new(owner, Cursor.Start(0), 10, int.MaxValue, null), Never),
            () => store.ReadConflictsAsync(owner, null, 10, Never),
            () => store.VerifyAsync(owner, ["notes"], Never),
            () => store.SearchAsync(owner, new("one", null, null, 10), Never),
        ];
        foreach (var read in reads)
            await read();
        await database.RunAsync($"revoke select on all tables in schema orchestra from {Readonly}");
        foreach (var read in reads)
        {
            var refused = await Assert.ThrowsAsync<SyncException>(read);
            Assert.Equal(ErrorCode.Internal, refused.Code);
        }
        Assert.Single(await store.LoadHeadsAsync([owner], Never));
    }

    /// <summary>
    /// A function that searches reads past the wall, and for nobody but the owner whom the wall asks for.
    /// </summary>
    [Fact]
    public async Task P14_A_search_past_the_wall_asks_for_the_owner_that_was_said()
    {
        var (ada, eve) = (await SeedAsync(), await SeedAsync());
        var functions = await ListAsync(
            """
            select oid::regproc::text from pg_proc
            where pronamespace = 'orchestra'::regnamespace and prosecdef order by 1
            """
        );
        Assert.Equal(["orchestra.search_files", "orchestra.search_notes"], functions);
        Assert.Empty(
            await ListAsync(
                """
                select proname::text from pg_proc
                where pronamespace = 'orchestra'::regnamespace and prosecdef and (
                    proconfig is distinct from '{"search_path=pg_catalog, pg_temp"}'
                    or has_function_privilege('public', oid, 'execute')
                    or has_function_privilege('orchestra_maintenance', oid, 'execute')
                )
                """
            )
        );
        await using var connection = await database.EnterAsync(Readonly);
        foreach (var function in functions)
        {
            var found = $"""
                select id from {function}(orchestra.search_query('"one"'), 'infinity', '{Guid.Empty}', 100)
                """;
            Assert.Empty(await ReadAsync(connection, found, row => row.GetGuid(0)));
            foreach (var owner in new[] { ada, eve })
            {
                await using var transaction = await connection.BeginTransactionAsync();
                await RunAsync(connection, $"set local orchestra.owner = '{owner}'");
                var table = function.Replace("search_", "", StringComparison.Ordinal);
                Assert.Equal(
                    await ReadAsync(connection, $"select id from {table}", row => row.GetGuid(0)),
                    await ReadAsync(connection, found, row => row.GetGuid(0))
                );
            }
        }
    }

    /// <summary>One of each type, a conflict and a device, committed as the engine does.</summary>
    private async Task<OwnerId> SeedAsync()
    {
        await using var bench = new PostgresBench(database);
        var store = await bench.OpenAsync();
        var owner = new OwnerHistory(Guid.NewGuid());
        new OneOfEach(await store.LoadCatalogAsync(Never)).CreateIn(owner);
        owner.Lose("notes", $"{Guid.NewGuid()}", ConflictVerdict.Rejected, "lost");
        Assert.Equal([CommitOutcome.Committed], await store.CommitAsync([owner.Commit()], Never));
        return owner.Owner;
    }

    private Task<List<string>> TablesAsync() =>
        ListAsync(
            "select polrelid::regclass::text from pg_policy where polname = 'one_owner' order by 1"
        );

    private async Task<List<string>> ListAsync(string sql)
    {
        await using var connection = await database.EnterAsync();
        return await ReadAsync(connection, sql, row => row.GetString(0));
    }

    private static Task<List<Guid>> OwnersInAsync(NpgsqlConnection connection, string table) =>
        ReadAsync(
            connection,
            $"select distinct owner_id from {table} order by 1",
            row => row.GetGuid(0)
        );

    private static async Task<List<T>> ReadAsync<T>(
        NpgsqlConnection connection,
        string sql,
        Func<NpgsqlDataReader, T> read
    )
    {
        await using var command = new NpgsqlCommand(sql, connection);
        await using var reader = await command.ExecuteReaderAsync();
        var found = new List<T>();
        while (await reader.ReadAsync())
            found.Add(read(reader));
        return found;
    }

    private static async Task RunAsync(NpgsqlConnection connection, string sql)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync();
    }
}
