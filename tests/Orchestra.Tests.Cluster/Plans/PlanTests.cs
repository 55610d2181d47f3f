using Npgsql;
using Orchestra.Database.Postgres;
using Orchestra.Database.Seeders;
using Orchestra.Sync;
using Orchestra.Sync.Store;

namespace Orchestra.Tests.Cluster.Plans;

/// <summary>
/// How PostgreSQL runs what the engine asks of it, on 2 million log entries: no statement reads a
/// table through, opens a month that it does not need, or writes to disk to sort.
/// </summary>
public sealed class PlanTests(ExplainedRuns runs) : IClassFixture<ExplainedRuns>
{
    private const int FastPathLocks = 16;

    [Fact]
    public void The_database_is_of_the_size_that_is_meant()
    {
        Assert.InRange(runs.Size.Owners, 5_000, long.MaxValue);
        Assert.InRange(runs.Size.Months, 14, long.MaxValue);
        Assert.InRange(runs.Size.Entries, 2_000_000, long.MaxValue);
    }

    [Fact]
    public void No_statement_reads_a_table_from_end_to_end()
    {
        var scans =
            from run in runs.All
            from node in run.Statement.Nodes
            where
                node.TextOf("Node Type") is "Seq Scan" or "Sample Scan"
                && node.TextOf("Schema") is "orchestra" or "orchestra_log"
            select $"{run.Kind}: {node.TextOf("Relation Name")} in {StatementName.Of(run.Statement)}";
        AssertNone(scans);
    }

    [Fact]
    public void No_statement_opens_a_month_that_it_does_not_ask_for()
    {
        var bounded = runs.Of(ExplainedRuns.Custom).Where(Months.IsBounded).ToList();
        Assert.NotEmpty(bounded);
        AssertNone(
            from statement in bounded
            let needless = Months.Opened(statement).Except(Months.AskedFor(statement)).ToList()
            where needless.Count > 0
            select $"{StatementName.Of(statement)}: {string.Join(", ", needless)}"
        );
        // The same calls with plans for any month: the others are gone before execution.
        Assert.Equal(OpenedBy(ExplainedRuns.Custom), OpenedBy(ExplainedRuns.Generic));
    }

    [Fact]
    public void Nothing_spills_to_disk() =>
        AssertNone(
            from run in runs.All
            from node in run.Statement.Nodes
            where
                node.TextOf("Sort Space Type") == "Disk"
                || node.NumberOf("Hash Batches") > 1
                || node.NumberOf("Temp Written Blocks") > 0
            select $"{run.Kind}: {node.TextOf("Node Type")} in {StatementName.Of(run.Statement)}"
        );

    [Fact]
    public async Task Every_index_is_used()
    {
        var used = (
            from run in runs.All
            from node in run.Statement.Nodes
            let index = node.TextOf("Index Name")
            where index is not null
            select index
        ).ToHashSet();
        await using var connection = await ConnectAsync();
        var all = await new PostgresSession(connection).ListAsync(
            // Not that of the log as such, which is an index only by its months'.
            new(
                """
                select relname::text from pg_class
                where relnamespace = 'orchestra'::regnamespace and relkind = 'i' order by 1
                """
            ),
            row => row.GetString(0)
        );
        AssertNone(all.Where(index => !used.Contains(index) && !Awaiting.Contains(index)));
        AssertNone(Awaiting.All.Where(used.Contains));
    }

    [Fact]
    public async Task A_pull_from_the_log_locks_no_more_than_the_fast_path_holds() =>
        Assert.InRange(await CountLocksAsync(isRows: false), 1, FastPathLocks);

    /// <summary>Rows are in nine tables with their indexes; of the log there is one month.</summary>
    [Fact]
    public async Task A_page_of_rows_locks_the_entity_tables_and_no_more_of_the_log()
    {
        await using var connection = await ConnectAsync();
        var own = await new PostgresSession(connection).ListAsync(
            new(
                """
                select count(*) from orchestra.sync_entity e
                join pg_index i on i.indrelid = format('orchestra.%I', e.entity_type)::regclass
                """
            ),
            row => row.GetInt64(0)
        );
        var tables = EntityTables + own[0];
        Assert.InRange(await CountLocksAsync(isRows: true), 1, tables + FastPathLocks);
    }

    [Fact]
    public void Every_plan_is_the_one_that_was_looked_at() =>
        AssertNone(GoldenPlans.Differences(runs.All));

    private const int EntityTables = 9;

    private List<string> OpenedBy(string kind) =>
        [
            .. runs.Of(kind)
                .Where(Months.IsBounded)
                .Select(s => $"{StatementName.Of(s)}: {string.Join(", ", Months.Opened(s))}")
                .Order(StringComparer.Ordinal),
        ];

    private async Task<long> CountLocksAsync(bool isRows)
    {
        var owner = Seeder.OwnerOf(SeededServer.Plan.Seed, 1);
        await using var connection = await ConnectAsync();
        await using var transaction = await connection.BeginTransactionAsync();
        var session = new PostgresSession(connection);
        await session.ExecuteAsync(new("set local plan_cache_mode = force_custom_plan"));
        var tables = await runs.Server.TablesAsync();
        var head = await session.ListAsync(PostgresHeads.SelectMany([owner]), PostgresHeads.Read);
        var cursor = isRows
            ? Cursor.Start(0)
            : new Cursor(head[0].Head.Head.Epoch, head[0].Head.Head.Version - 20, null, null);
        var query = new ReadQuery(owner, cursor, 1_000, int.MaxValue, null);
        var page = (await new PostgresPages(session, tables).ReadAsync(query)).Page;
        Assert.Equal(isRows, page?.Floor is not null);
        var locks = await session.ListAsync(
            new(
                """
                select count(distinct relation) from pg_locks
                where locktype = 'relation' and pid = pg_backend_pid()
                    and relation <> 'pg_locks'::regclass
                """
            ),
            row => row.GetInt64(0)
        );
        return locks[0];
    }

    private async Task<NpgsqlConnection> ConnectAsync()
    {
        var connection = new NpgsqlConnection(runs.Server.ConnectionString("orchestra_app"));
        await connection.OpenAsync();
        return connection;
    }

    private static void AssertNone(IEnumerable<string> complaints)
    {
        var all = complaints.Distinct().ToList();
        Assert.True(all.Count == 0, string.Join('\n', all));
    }
}
