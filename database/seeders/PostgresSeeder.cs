using Npgsql;
using Orchestra.Database.Postgres;
using Orchestra.Sync;

namespace Orchestra.Database.Seeders;

/// <summary>
/// Fills a PostgreSQL database with users who have a past of many months, millions of changes in
/// minutes. It does not go through the store's port, but what it writes was decided by the code that
/// decides pushes.
/// </summary>
/// <param name="connectionString">
/// Of a login that may write and vacuum all tables: orchestra_migrator, or a superuser.
/// </param>
public sealed class PostgresSeeder(string connectionString)
{
    /// <summary>Owners in one transaction; it takes about a second.</summary>
    private const int OwnersPerBatch = 100;

    /// <summary>Transactions at a time: while one is written, another is made up.</summary>
    private const int Writers = 3;

    private const string SelectOwners =
        "select owner_id from orchestra.sync_head where owner_id = any ($1)";

    /// <summary>COPY takes no table with a wall, and that of the table's owner can be lifted.</summary>
    private const string SelectWalls = """
        select format('alter table %s {0} row level security', oid::regclass)
        from pg_class
        where relnamespace = 'orchestra'::regnamespace and relrowsecurity
        order by relname
        """;

    private const string SelectTables = """
        select format('%I.%I', relnamespace::regnamespace, relname)
        from pg_class
        where relnamespace = 'orchestra'::regnamespace and relkind in ('r', 'p')
        order by relname
        """;

    /// <summary>Who a made-up user is.</summary>
    /// <param name="seed">The plan's.</param>
    /// <param name="number">1 and up.</param>
    public static OwnerId OwnerOf(int seed, int number) => new SeedUser(seed, number).Owner;

    /// <summary>How often progress is reported.</summary>
    /// <param name="users">The plan's.</param>
    public static int StepsOf(int users) => (users + OwnersPerBatch - 1) / OwnersPerBatch;

    /// <summary>Writes what the plan says. An owner that is there already is left as it is.</summary>
    public async Task<SeedProgress> SeedAsync(
        HistoryPlan plan,
        IProgress<SeedProgress>? progress,
        CancellationToken cancellation
    )
    {
        await using var source = NpgsqlDataSource.Create(
            new NpgsqlConnectionStringBuilder(connectionString)
            {
                CommandTimeout = 0,
                ApplicationName = "orchestra seed",
            }
        );
        var tables = await PrepareAsync(source, plan, cancellation);
        await ForceWallsAsync(source, false, cancellation);
        try
        {
            return await FillAsync(source, tables, plan, progress, cancellation);
        }
        finally
        {
            await ForceWallsAsync(source, true, CancellationToken.None);
        }
    }

    private static async Task<SeedProgress> FillAsync(
        NpgsqlDataSource source,
        PostgresTables tables,
        HistoryPlan plan,
        IProgress<SeedProgress>? progress,
        CancellationToken cancellation
    )
    {
        var pool = new WorkspacePool(plan);
        var done = new SeedProgress();
        var gate = new Lock();
        await Parallel.ForEachAsync(
            Enumerable.Range(1, plan.Users).Chunk(OwnersPerBatch),
            new ParallelOptions
            {
                MaxDegreeOfParallelism = Writers,
                CancellationToken = cancellation,
            },
            async (numbers, token) =>
            {
                var written = await WriteAsync(source, tables, pool, plan, numbers, token);
                lock (gate)
                {
                    done = new SeedProgress(
                        done.Users + written.Users,
                        done.Rows + written.Rows,
                        done.Skipped + written.Skipped
                    );
                    progress?.Report(done);
                }
            }
        );
        await VacuumAsync(source, cancellation);
        return done;
    }

    private static async Task<PostgresTables> PrepareAsync(
        NpgsqlDataSource source,
        HistoryPlan plan,
        CancellationToken cancellation
    )
    {
        await using var connection = await source.OpenConnectionAsync(cancellation);
        var session = new PostgresSession(connection);
        var first = LogMonths.NumberOf(SeedEdits.BeginOf(plan));
        for (var month = first; month <= LogMonths.NumberOf(plan.Now); month++)
            await session.ListAsync(
                new(
                    "select orchestra_log.make_month($1)",
                    PostgresValues.Of(DateOnly.FromDateTime(LogMonths.StartOf(month).UtcDateTime))
                ),
                row => row.GetBoolean(0)
            );
        return await PostgresCatalog.ReadAsync(session);
    }

    private static async Task<SeedProgress> WriteAsync(
        NpgsqlDataSource source,
        PostgresTables tables,
        WorkspacePool pool,
        HistoryPlan plan,
        int[] numbers,
        CancellationToken cancellation
    )
    {
        await using var connection = await source.OpenConnectionAsync(cancellation);
        await using var transaction = await connection.BeginTransactionAsync(cancellation);
        var owners = numbers.ToDictionary(number => Seeder.OwnerOf(plan.Seed, number));
        var there = await new PostgresSession(connection).ListAsync(
            new(SelectOwners, PostgresValues.Array(owners.Keys, owner => owner.Value)),
            row => new OwnerId(row.GetGuid(0))
        );
        var histories = owners
            .Where(owner => !there.Contains(owner.Key))
            .Select(owner => new SeedEdits(tables.Catalog, pool, plan, owner.Value).Make())
            .ToList();
        if (histories.Count > 0)
            new PostgresCopy(connection, tables).Write(histories);
        await transaction.CommitAsync(cancellation);
        return new(numbers.Length, histories.Sum(history => history.Rows.Count), there.Count);
    }

    private static async Task ForceWallsAsync(
        NpgsqlDataSource source,
        bool isForced,
        CancellationToken cancellation
    )
    {
        await using var connection = await source.OpenConnectionAsync(cancellation);
        var session = new PostgresSession(connection);
        var force = isForced ? "force" : "no force";
        var sql = SelectWalls.Replace("{0}", force, StringComparison.Ordinal);
        var statements = await session.ListAsync(new(sql), row => row.GetString(0));
        await session.ExecuteAsync(new(string.Join(";\n", statements)));
    }

    /// <summary>The planner must know what is there now, not what was there a minute ago.</summary>
    private static async Task VacuumAsync(NpgsqlDataSource source, CancellationToken cancellation)
    {
        await using var connection = await source.OpenConnectionAsync(cancellation);
        var names = await new PostgresSession(connection).ListAsync(
            new(SelectTables),
            row => row.GetString(0)
        );
        await using var vacuum = connection.CreateCommand();
        vacuum.CommandText = $"vacuum (analyze) {string.Join(", ", names)}";
        await vacuum.ExecuteNonQueryAsync(cancellation);
    }
}
