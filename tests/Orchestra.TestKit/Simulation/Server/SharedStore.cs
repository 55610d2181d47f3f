using Microsoft.Data.Sqlite;
using Orchestra.Database.Schema;
using Orchestra.Database.Sqlite;
using Orchestra.Sync;
using Orchestra.Sync.Catalog;
using Orchestra.Sync.Store;

namespace Orchestra.TestKit.Simulation.Server;

/// <summary>What the store holds of an owner.</summary>
internal sealed record StoredOwner(
    OwnerHead Head,
    IReadOnlyList<LogEntry> Log,
    IReadOnlyList<Row> Rows,
    IReadOnlyList<Conflict> Conflicts
);

/// <summary>A copy of the store, with what its log had lost by then.</summary>
internal sealed record StoreBackup(
    SqliteDatabase Database,
    IReadOnlyDictionary<OwnerId, List<LogEntry>> Dropped
);

/// <summary>
/// The store all silos share: the real one, in memory, with what only operators do to it, and with
/// eyes for the checkers.
/// </summary>
internal sealed class SharedStore : IDisposable
{
    private static readonly Lazy<SqliteDatabase> Template = new(() =>
    {
        var database = SqliteDatabase.OpenInMemory();
        _ = new SqliteSchema(database, TimeProvider.System).MigrateAsync(CancellationToken.None);
        return database;
    });

    private readonly SqliteDatabase database = SqliteDatabase.OpenInMemory();
    private readonly SqliteTables tables;
    private readonly Dictionary<OwnerId, List<LogEntry>> dropped = [];

    public SharedStore()
    {
        lock (Template)
            Template.Value.CopyTo(database);
        // In memory all work is done on the caller's thread, so the task has ended.
        Store = SqliteSyncStore
            .OpenAsync(database, CancellationToken.None)
            .GetAwaiter()
            .GetResult();
        Catalog = Read(SqliteCatalog.Read);
        tables = new SqliteTables(Catalog);
    }

    public SqliteSyncStore Store { get; }

    public EntityCatalog Catalog { get; }

    public OwnerHead? FindHead(OwnerId owner) => Read(session => SqliteHeads.Find(session, owner));

    public StoredOwner? Find(OwnerId owner) =>
        Read(session =>
            SqliteHeads.Find(session, owner) is { } head
                ? new StoredOwner(
                    head,
                    [.. dropped.GetValueOrDefault(owner, []), .. ReadLog(session, owner)],
                    [
                        .. tables.All.SelectMany(table =>
                            session.List(
                                table.SelectAll,
                                table.Read,
                                ("@owner", owner.Value.ToColumn())
                            )
                        ),
                    ],
                    SqliteConflicts.ReadPage(session, owner, null, 10_000).Conflicts
                )
                : null
        );

    /// <summary>What each device of an owner weighs now.</summary>
    public Dictionary<DeviceId, int> Priorities(OwnerId owner)
    {
        var table = tables[EngineEntities.Devices];
        return Read(session =>
                session.List(table.SelectAll, table.Read, ("@owner", owner.Value.ToColumn()))
            )
            .ToDictionary(row => new DeviceId(row.Key.Id), row => (int)row["priority"].AsInteger());
    }

    /// <summary>
    /// Drops the beginning of an owner's log, as PostgreSQL's maintenance does by months: a commit is
    /// in one month, so no transaction is cut in two.
    /// </summary>
    /// <returns>The version up to which it is gone.</returns>
    public long DropLog(OwnerId owner, long upTo)
    {
        var log = Read(session => ReadLog(session, owner));
        var horizon = log.Find(entry => entry.Version == upTo)?.TxEnd ?? upTo;
        if (!dropped.TryGetValue(owner, out var gone))
            dropped[owner] = gone = [];
        gone.AddRange(log.Where(entry => entry.Version <= horizon));
        Write(
            """
            update sync_head set log_horizon = @horizon, commit_no = commit_no + 1
            where owner_id = @owner;
            delete from sync_log where owner_id = @owner and version <= @horizon;
            """,
            ("@owner", owner.Value.ToColumn()),
            ("@horizon", horizon)
        );
        return horizon;
    }

    /// <summary>A copy to go back to.</summary>
    public StoreBackup BackUp()
    {
        var copy = SqliteDatabase.OpenInMemory();
        database.CopyTo(copy);
        return new(copy, dropped.ToDictionary(log => log.Key, log => log.Value.ToList()));
    }

    /// <summary>Goes back to a copy, and begins a new epoch for everybody, as operators are told to.</summary>
    public void Restore(StoreBackup backup, DateTimeOffset now)
    {
        backup.Database.CopyTo(database);
        dropped.Clear();
        foreach (var (owner, log) in backup.Dropped)
            dropped[owner] = [.. log];
        Write(
            """
            update sync_head set epoch = max(epoch + 1, @now), commit_no = commit_no + 1;
            insert into sync_epoch (owner_id, epoch, kept)
            select owner_id, epoch, version from sync_head;
            """,
            ("@now", now.ToUnixTimeMilliseconds())
        );
    }

    /// <summary>
    /// Collects the tombstones of an owner that nobody refers to, as PostgreSQL's maintenance does.
    /// </summary>
    /// <param name="owner">Whose.</param>
    /// <param name="raisesHorizon">False = the bug: devices that have not heard of them never will.</param>
    /// <returns>How many.</returns>
    public int CollectTombstones(OwnerId owner, bool raisesHorizon)
    {
        var gone = new List<long>();
        foreach (var table in tables.All.Reverse())
        {
            var unless = string.Concat(
                Catalog
                    .ReferencesTo(table.Type.Name)
                    .Select(reference =>
                        $"""
                             and not exists (select 1 from {reference.Child.Name} c
                                where c.owner_id = t.owner_id and c.{reference.Field.Name} = t.id
                                    and (c.id <> t.id or '{reference.Child.Name}' <> '{table.Type.Name}'))
                            """
                    )
            );
            gone.AddRange(
                Run(session =>
                    session.List(
                        $"""
                        delete from {table.Name} as t
                        where t.owner_id = @owner and t.deleted_at is not null {unless}
                        returning version
                        """,
                        row => row.GetInt64(0),
                        ("@owner", owner.Value.ToColumn())
                    )
                )
            );
        }
        if (gone.Count > 0 && raisesHorizon)
            Write(
                """
                update sync_head
                set tombstone_horizon = max(tombstone_horizon, @version), commit_no = commit_no + 1
                where owner_id = @owner
                """,
                ("@version", gone.Max()),
                ("@owner", owner.Value.ToColumn())
            );
        return gone.Count;
    }

    public void Dispose() => database.Dispose();

    private List<LogEntry> ReadLog(SqliteSession session, OwnerId owner) =>
        session.List(
            SqliteLog.SelectSince,
            row => SqliteLog.Read(row, tables),
            ("@owner", owner.Value.ToColumn()),
            ("@since", 0L)
        );

    private void Write(string script, params (string Name, object? Value)[] values) =>
        Run(session =>
        {
            foreach (var sql in script.Split(';', StringSplitOptions.TrimEntries))
                if (sql.Length > 0)
                    session.Execute(
                        sql,
                        [
                            .. values.Where(value =>
                                sql.Contains(value.Name, StringComparison.Ordinal)
                            ),
                        ]
                    );
            return true;
        });

    private T Read<T>(Func<SqliteSession, T> work) =>
        database.ReadAsync(work, CancellationToken.None).GetAwaiter().GetResult();

    private T Run<T>(Func<SqliteSession, T> work) =>
        database.WriteAsync(work, CancellationToken.None).GetAwaiter().GetResult();
}
