using System.Diagnostics;
using Npgsql;
using Orchestra.Database.Schema;
using static Orchestra.Database.Postgres.PostgresValues;

namespace Orchestra.Database.Postgres;

/// <summary>
/// Brings a PostgreSQL database to the tables that the migrations describe, or back. One process at
/// a time does: an advisory lock of the session keeps others waiting, so the connection must not go
/// through a pooler in transaction mode.
/// </summary>
public sealed class PostgresSchema
{
    private const string Lock = "select pg_advisory_lock(hashtextextended('orchestra.migrate', 0))";

    private const string Record = """
        insert into orchestra.schema_migration
            (number, name, hash, duration_ms, applied_at, applied_by)
        values ($1, $2, $3, $4, clock_timestamp(), session_user)
        """;

    private readonly string connectionString;
    private readonly IReadOnlyList<Migration> migrations;

    /// <param name="connectionString">
    /// Of a member of orchestra_migrator; for the first migration, of somebody who can create roles.
    /// </param>
    /// <param name="more">Migrations beside the built-in ones.</param>
    public PostgresSchema(string connectionString, params Migration[] more)
    {
        this.connectionString = new NpgsqlConnectionStringBuilder(connectionString)
        {
            Pooling = false,
            CommandTimeout = 0,
            ApplicationName = "orchestra migrate",
        }.ConnectionString;
        migrations = [.. Migration.BuiltIn.Concat(more).OrderBy(migration => migration.Number)];
    }

    /// <summary>Applies what is pending, each migration in a transaction of its own.</summary>
    /// <param name="upTo">The last one to apply; null = all.</param>
    /// <param name="report">Hears of each as soon as it is applied, and of warnings on the way.</param>
    /// <param name="cancellation">Stops between two migrations, or undoes the one under way.</param>
    /// <exception cref="SchemaException">One was edited since, or failed; says what to do.</exception>
    public async Task MigrateAsync(
        int? upTo,
        IProgress<MigrationNews> report,
        CancellationToken cancellation
    )
    {
        await using var connection = await LockAsync(report, cancellation);
        var applied = await ReadLedgerAsync(connection, cancellation);
        RequireUnchanged(applied);
        await MakeOptionalTablesAsync(connection, cancellation);
        foreach (var migration in migrations.Where(m => m.Number <= (upTo ?? int.MaxValue)))
            if (!applied.ContainsKey(migration.Number))
                await RunAsync(connection, migration, isForward: true, report, cancellation);
    }

    /// <summary>Takes back the newest migrations.</summary>
    /// <param name="downTo">The last one that stays; null = all but the newest.</param>
    /// <param name="report">Hears of each as soon as it is taken back.</param>
    /// <param name="cancellation">Stops between two migrations, or undoes the one under way.</param>
    /// <exception cref="SchemaException">One has no way back, was edited since, or failed.</exception>
    public async Task RollbackAsync(
        int? downTo,
        IProgress<MigrationNews> report,
        CancellationToken cancellation
    )
    {
        await using var connection = await LockAsync(report, cancellation);
        var applied = await ReadLedgerAsync(connection, cancellation);
        RequireUnchanged(applied);
        var unknown = applied.Values.FirstOrDefault(entry => Find(entry.Number) is null);
        if (unknown is not null)
            throw new SchemaException(
                $"{unknown.Name} was applied by a newer version, which alone knows the way back"
            );
        var last = downTo ?? applied.Keys.Order().SkipLast(1).LastOrDefault();
        foreach (var number in applied.Keys.Where(number => number > last).OrderDescending())
            await RunAsync(connection, Find(number)!, isForward: false, report, cancellation);
    }

    /// <summary>Every migration in order, and when it was applied; changes nothing.</summary>
    /// <exception cref="SchemaException">One that was applied has been edited since.</exception>
    public async Task<IReadOnlyList<ScriptStatus>> ListAsync(CancellationToken cancellation)
    {
        await using var connection = await ConnectAsync(cancellation);
        var applied = await ReadLedgerAsync(connection, cancellation);
        RequireUnchanged(applied);
        var known = migrations.Select(migration => new ScriptStatus(
            migration.Script.Name,
            applied.GetValueOrDefault(migration.Number)?.AppliedAt
        ));
        var newer = applied
            .Values.Where(entry => Find(entry.Number) is null)
            .Select(entry => new ScriptStatus(entry.Name, entry.AppliedAt));
        return [.. known, .. newer];
    }

    /// <summary>A silo starts on its own version's tables or on a newer version's.</summary>
    /// <exception cref="SchemaException">Migrations are pending, or were edited.</exception>
    public async Task RequireCurrentAsync(CancellationToken cancellation)
    {
        var pending = (await ListAsync(cancellation))
            .Where(script => script.AppliedAt is null)
            .Select(script => script.Name)
            .ToList();
        if (pending.Count > 0)
            throw new SchemaException(
                $"The database lacks {string.Join(", ", pending)}; run: silo migrate"
            );
    }

    private Migration? Find(int number) =>
        migrations.FirstOrDefault(migration => migration.Number == number);

    private async Task<NpgsqlConnection> ConnectAsync(CancellationToken cancellation)
    {
        var connection = new NpgsqlConnection(connectionString);
        try
        {
            await connection.OpenAsync(cancellation);
            return connection;
        }
        catch (Exception e) when (PostgresDatabase.IsOfDatabase(e))
        {
            await connection.DisposeAsync();
            throw new SchemaException($"PostgreSQL cannot be reached: {e.Message}");
        }
    }

    private async Task<NpgsqlConnection> LockAsync(
        IProgress<MigrationNews> report,
        CancellationToken cancellation
    )
    {
        var connection = await ConnectAsync(cancellation);
        connection.Notice += (_, notice) =>
        {
            if (notice.Notice.InvariantSeverity == "WARNING")
                report.Report(new(notice.Notice.MessageText, null));
        };
        await using var command = new NpgsqlCommand(Lock, connection);
        await command.ExecuteNonQueryAsync(cancellation);
        return connection;
    }

    private void RequireUnchanged(Dictionary<int, Applied> applied)
    {
        foreach (var migration in migrations)
            if (
                applied.TryGetValue(migration.Number, out var entry)
                && entry.Hash != migration.Script.Hash
            )
                throw new SchemaException(
                    $"{migration.Script.Name} was edited after it had been applied; write a new one"
                );
    }

    private static async Task RunAsync(
        NpgsqlConnection connection,
        Migration migration,
        bool isForward,
        IProgress<MigrationNews> report,
        CancellationToken cancellation
    )
    {
        var script = isForward
            ? migration.Script
            : migration.Rollback
                ?? throw new SchemaException($"{migration.Script.Name} has no way back");
        var watch = Stopwatch.StartNew();
        try
        {
            await using var transaction = await connection.BeginTransactionAsync(cancellation);
            var session = new PostgresSession(connection);
            await ActAsMigratorAsync(session, isForward && migration.Number == Migration.First);
            if (!isForward)
                await session.ExecuteAsync(
                    new(
                        "delete from orchestra.schema_migration where number = $1",
                        Of(migration.Number)
                    )
                );
            await session.ExecuteAsync(new(script.Text));
            if (isForward)
                await session.ExecuteAsync(
                    new(
                        Record,
                        Of(migration.Number),
                        Of(script.Name),
                        Of(script.Hash),
                        Of(watch.ElapsedMilliseconds)
                    )
                );
            await transaction.CommitAsync(cancellation);
        }
        catch (PostgresException e)
        {
            throw Failed(script.Name, e);
        }
        report.Report(new(script.Name, watch.Elapsed));
    }

    /// <summary>The first migration makes the role that runs the others.</summary>
    private static async Task ActAsMigratorAsync(PostgresSession session, bool isFirst)
    {
        if (!isFirst)
            await session.ExecuteAsync(new("set local role orchestra_migrator"));
    }

    /// <summary>What an extension allows that was installed since.</summary>
    private static async Task MakeOptionalTablesAsync(
        NpgsqlConnection connection,
        CancellationToken cancellation
    )
    {
        var session = new PostgresSession(connection);
        var has = await session.ListAsync(
            new("select to_regproc('orchestra.make_embeddings') is not null"),
            row => row.GetBoolean(0)
        );
        if (!has[0])
            return;
        try
        {
            await using var transaction = await connection.BeginTransactionAsync(cancellation);
            await ActAsMigratorAsync(session, isFirst: false);
            await session.ExecuteAsync(new("select orchestra.make_embeddings()"));
            await transaction.CommitAsync(cancellation);
        }
        catch (PostgresException e)
        {
            throw Failed("The tables of embeddings", e);
        }
    }

    private static SchemaException Failed(string what, PostgresException e) =>
        new(
            $"{what} failed, and nothing of it was done: {e.MessageText}"
                + (
                    e.SqlState == PostgresErrorCodes.InsufficientPrivilege
                        ? ". Migrations are run by a member of orchestra_migrator, the first one "
                            + "by a login that can create roles and schemas"
                        : ""
                )
        );

    private static async Task<Dictionary<int, Applied>> ReadLedgerAsync(
        NpgsqlConnection connection,
        CancellationToken cancellation
    )
    {
        cancellation.ThrowIfCancellationRequested();
        var session = new PostgresSession(connection);
        var has = await session.ListAsync(
            new("select to_regclass('orchestra.schema_migration') is not null"),
            row => row.GetBoolean(0)
        );
        if (!has[0])
            return [];
        var entries = await session.ListAsync(
            new("select number, name, hash, applied_at from orchestra.schema_migration"),
            row => new Applied(row.GetInt32(0), row.GetString(1), row.GetString(2), row.GetTime(3))
        );
        return entries.ToDictionary(entry => entry.Number);
    }

    private sealed record Applied(int Number, string Name, string Hash, DateTimeOffset AppliedAt);
}

/// <param name="Text">A migration's name, or a warning.</param>
/// <param name="Took">How long the migration took; null for a warning.</param>
public readonly record struct MigrationNews(string Text, TimeSpan? Took);
