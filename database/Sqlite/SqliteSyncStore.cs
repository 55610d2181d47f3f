using Orchestra.Sync;
using Orchestra.Sync.Catalog;
using Orchestra.Sync.Contents;
using Orchestra.Sync.Decisions;
using Orchestra.Sync.Search;
using Orchestra.Sync.Store;

namespace Orchestra.Database.Sqlite;

/// <summary>The embedded store: one file beside the process, or nothing but memory.</summary>
public sealed class SqliteSyncStore : ISyncStore
{
    private readonly SqliteDatabase database;
    private volatile SqliteTables tables;

    private SqliteSyncStore(SqliteDatabase database, SqliteTables tables)
    {
        this.database = database;
        this.tables = tables;
    }

    /// <param name="database">Migrated; the caller closes it.</param>
    /// <param name="cancellation">Stops the opening.</param>
    /// <exception cref="Schema.SchemaException">Its tables are not what can sync.</exception>
    public static async Task<SqliteSyncStore> OpenAsync(
        SqliteDatabase database,
        CancellationToken cancellation
    )
    {
        var catalog = await database.ReadAsync(SqliteCatalog.Read, cancellation);
        return new(database, new SqliteTables(catalog));
    }

    /// <summary>Reads the tables anew; from then on the store works with what it found.</summary>
    public async Task<EntityCatalog> LoadCatalogAsync(CancellationToken cancellation)
    {
        var catalog = await database.ReadAsync(SqliteCatalog.Read, cancellation);
        if (catalog.Hash != tables.Catalog.Hash)
            tables = new SqliteTables(catalog);
        return tables.Catalog;
    }

    public Task<OwnerRecord?> LoadOwnerAsync(OwnerId owner, CancellationToken cancellation)
    {
        var current = tables;
        return database.ReadAsync(session => ReadOwner(session, current, owner), cancellation);
    }

    public Task<IReadOnlyDictionary<OwnerId, OwnerHead>> LoadHeadsAsync(
        IReadOnlyCollection<OwnerId> owners,
        CancellationToken cancellation
    ) =>
        database.ReadAsync<IReadOnlyDictionary<OwnerId, OwnerHead>>(
            session => SqliteHeads.ReadMany(session, owners),
            cancellation
        );

    public Task<IReadOnlyList<RowSet>> LoadRowsAsync(
        IReadOnlyList<RowQuery> queries,
        CancellationToken cancellation
    )
    {
        var current = tables;
        return database.ReadAsync<IReadOnlyList<RowSet>>(
            session => [.. queries.Select(new SqliteRows(session, current).Load)],
            cancellation
        );
    }

    public Task<IReadOnlyList<CommitOutcome>> CommitAsync(
        IReadOnlyList<OwnerCommit> commits,
        CancellationToken cancellation
    )
    {
        var current = tables;
        return database.WriteAsync(
            session => SqliteCommits.Run(session, current, commits),
            cancellation
        );
    }

    /// <summary>There is one writer, and all wait for it.</summary>
    public async Task<CommitOutcome> CommitAloneAsync(
        OwnerCommit commit,
        CancellationToken cancellation
    ) => (await CommitAsync([commit], cancellation))[0];

    public Task<ReadOutcome> ReadAsync(ReadQuery query, CancellationToken cancellation)
    {
        var current = tables;
        return database.ReadAsync(
            session => new SqlitePages(session, current).Read(query),
            cancellation
        );
    }

    public Task<ConflictPage> ReadConflictsAsync(
        OwnerId owner,
        ConflictPosition? before,
        int limit,
        CancellationToken cancellation
    ) =>
        database.ReadAsync(
            session => SqliteConflicts.ReadPage(session, owner, before, limit),
            cancellation
        );

    public Task<Verified> VerifyAsync(
        OwnerId owner,
        IReadOnlyCollection<string> entities,
        CancellationToken cancellation
    )
    {
        var current = tables;
        return database.ReadAsync(
            session => Verify(session, current, owner, entities),
            cancellation
        );
    }

    public Task<FoundPage> SearchAsync(
        OwnerId owner,
        WordSearch search,
        CancellationToken cancellation
    )
    {
        var current = tables;
        return database.SearchAsync(
            session => new SqliteSearch(session, current).Find(owner, search),
            cancellation
        );
    }

    public Task<IReadOnlyList<OwnerContent>> ListContentsAsync(
        OwnerContent? after,
        int limit,
        CancellationToken cancellation
    ) =>
        database.ReadAsync<IReadOnlyList<OwnerContent>>(
            session => SqliteContents.ListNext(session, after, limit),
            cancellation
        );

    public Task<IReadOnlyList<Content>> FindUnusedContentsAsync(
        OwnerId owner,
        DateTimeOffset since,
        int limit,
        CancellationToken cancellation
    )
    {
        var current = tables;
        return database.ReadAsync(
            session => SqliteContents.FindUnused(session, current, owner, since, limit),
            cancellation
        );
    }

    public Task<IReadOnlyList<DeviceAck>> LoadAcksAsync(
        OwnerId owner,
        CancellationToken cancellation
    ) =>
        database.ReadAsync<IReadOnlyList<DeviceAck>>(
            session => SqliteCursors.ReadAcks(session, owner),
            cancellation
        );

    public Task SaveAcksAsync(
        IReadOnlyCollection<DeviceAck> acks,
        CancellationToken cancellation
    ) =>
        database.WriteAsync(
            session =>
            {
                session.BeginWriting();
                try
                {
                    foreach (var ack in acks)
                        SqliteCursors.WriteAck(session, ack);
                    session.Commit();
                    return acks.Count;
                }
                finally
                {
                    session.Rollback();
                }
            },
            cancellation
        );

    private static OwnerRecord? ReadOwner(SqliteSession session, SqliteTables tables, OwnerId owner)
    {
        if (SqliteHeads.Find(session, owner) is not { } head)
            return null;
        var devices = tables.Find(EngineEntities.Devices) is { } table
            ? session.List(table.SelectAll, table.Read, ("@owner", owner.Value.ToColumn()))
            : [];
        return new OwnerRecord(head, SqliteCursors.ReadAll(session, owner), devices);
    }

    private static Verified Verify(
        SqliteSession session,
        SqliteTables tables,
        OwnerId owner,
        IReadOnlyCollection<string> entities
    )
    {
        var (digest, rows) = (0UL, 0L);
        foreach (var table in tables.All.Where(item => entities.Contains(item.Type.Name)))
        {
            using var reader = session.Query(table.SelectLive, ("@owner", owner.Value.ToColumn()));
            for (; reader.Read(); rows++)
                digest ^= Digest.Of(reader.GetUuid(0), reader.GetInt64(1));
        }
        return new Verified(SqliteHeads.Find(session, owner)?.Version ?? 0, digest, rows);
    }
}
