using Orchestra.Database.Schema;
using Orchestra.Sync;

namespace Orchestra.Database.Sqlite;

/// <summary>Brings a SQLite database to the tables that the scripts describe.</summary>
public sealed class SqliteSchema
{
    private const string Ledger = """
        create table if not exists schema_script (
            name TEXT not null,
            hash TEXT not null,
            applied_at TEXT TIMESTAMP not null,
            primary key (name)
        ) without rowid
        """;

    private readonly SqliteDatabase database;
    private readonly TimeProvider time;
    private readonly IReadOnlyList<SqlScript> scripts;

    /// <param name="database">Where.</param>
    /// <param name="time">Dates what is applied.</param>
    /// <param name="more">Scripts beside the built-in ones: each can add tables that sync.</param>
    public SqliteSchema(SqliteDatabase database, TimeProvider time, params SqlScript[] more)
    {
        this.database = database;
        this.time = time;
        scripts =
        [
            .. SqlScript.Sqlite.Concat(more).OrderBy(script => script.Name, StringComparer.Ordinal),
        ];
    }

    /// <summary>
    /// Applies what is pending, each script in a transaction of its own, and makes the indexes of words
    /// that the tables and rules then call for.
    /// </summary>
    /// <returns>The names of what was applied now.</returns>
    /// <exception cref="SchemaException">A script that was applied has been edited since.</exception>
    public Task<IReadOnlyList<string>> MigrateAsync(CancellationToken cancellation) =>
        database.WriteAsync<IReadOnlyList<string>>(
            session =>
            {
                session.Execute(Ledger);
                RequireUnchanged(ReadApplied(session));
                var applied = scripts.Where(script => Apply(session, script)).ToList();
                SqliteWords.Make(session);
                return [.. applied.Select(script => script.Name)];
            },
            cancellation
        );

    /// <summary>Every script in order, and when it was applied; changes nothing.</summary>
    /// <exception cref="SchemaException">A script that was applied has been edited since.</exception>
    public Task<IReadOnlyList<ScriptStatus>> ListAsync(CancellationToken cancellation) =>
        database.ReadAsync<IReadOnlyList<ScriptStatus>>(
            session =>
            {
                var applied = HasLedger(session) ? ReadApplied(session) : [];
                RequireUnchanged(applied);
                return
                [
                    .. scripts.Select(script => new ScriptStatus(
                        script.Name,
                        applied.TryGetValue(script.Name, out var entry) ? entry.AppliedAt : null
                    )),
                ];
            },
            cancellation
        );

    private void RequireUnchanged(Dictionary<string, Applied> applied)
    {
        foreach (var script in scripts)
            if (applied.TryGetValue(script.Name, out var entry) && entry.Hash != script.Hash)
                throw new SchemaException(
                    $"{script.Name} was edited after it had been applied; write a new script"
                );
    }

    private bool Apply(SqliteSession session, SqlScript script)
    {
        session.BeginWriting();
        try
        {
            // Another process may have applied it while this one waited for the lock.
            if (ReadApplied(session).ContainsKey(script.Name))
                return false;
            session.ExecuteScript(script.Text);
            session.Execute(
                "insert into schema_script (name, hash, applied_at) values (@name, @hash, @at)",
                ("@name", script.Name),
                ("@hash", script.Hash),
                ("@at", Timestamps.Write(time.GetUtcNow()))
            );
            session.Commit();
            return true;
        }
        finally
        {
            session.Rollback();
        }
    }

    private static bool HasLedger(SqliteSession session) =>
        session.List("select 1 from sqlite_schema where name = 'schema_script'", _ => true).Count
        > 0;

    private static Dictionary<string, Applied> ReadApplied(SqliteSession session) =>
        session
            .List(
                "select name, hash, applied_at from schema_script",
                row => (Name: row.GetString(0), new Applied(row.GetString(1), row.GetTime(2)))
            )
            .ToDictionary(pair => pair.Name, pair => pair.Item2);

    private sealed record Applied(string Hash, DateTimeOffset AppliedAt);
}
