using Orchestra.Sync;
using Orchestra.Sync.Catalog;
using Orchestra.Sync.Contents;
using Orchestra.Sync.Search;
using Orchestra.Sync.Store;
using static Orchestra.Database.Postgres.PostgresValues;

namespace Orchestra.Database.Postgres;

/// <summary>The store of a cluster.</summary>
public sealed class PostgresSyncStore : ISyncStore
{
    private readonly PostgresDatabase database;
    private volatile PostgresTables tables;

    private PostgresSyncStore(PostgresDatabase database, PostgresTables tables)
    {
        this.database = database;
        this.tables = tables;
    }

    /// <param name="database">Migrated; the caller closes it.</param>
    /// <param name="cancellation">Stops the opening.</param>
    /// <exception cref="Schema.SchemaException">Its tables are not what can sync.</exception>
    public static async Task<PostgresSyncStore> OpenAsync(
        PostgresDatabase database,
        CancellationToken cancellation
    ) => new(database, await database.ReadAsync(PostgresCatalog.ReadAsync, cancellation));

    /// <summary>Reads the tables anew; from then on the store works with what it found.</summary>
    public async Task<EntityCatalog> LoadCatalogAsync(CancellationToken cancellation)
    {
        var found = await database.ReadAsync(PostgresCatalog.ReadAsync, cancellation);
        if (found.Catalog.Hash != tables.Catalog.Hash)
            tables = found;
        return tables.Catalog;
    }

    public Task<OwnerRecord?> LoadOwnerAsync(OwnerId owner, CancellationToken cancellation)
    {
        var devices = tables.Find(EngineEntities.Devices);
        return database.ReadOwnerAsync(
            owner,
            async session =>
            {
                OwnerHead? head = null;
                var cursors = new List<DeviceCursor>();
                var rows = new List<Row>();
                List<Statement> statements =
                [
                    PostgresHeads.SelectMany([owner]),
                    PostgresCursors.SelectOf(owner),
                ];
                if (devices is not null)
                    statements.Add(devices.SelectAll(owner));
                await session.ReadAsync(
                    statements,
                    (i, row) =>
                    {
                        if (i == 0)
                            head = PostgresHeads.Read(row).Head.Head;
                        else if (i == 1)
                            cursors.Add(PostgresCursors.Read(row));
                        else
                            rows.Add(devices!.Read(row).Row);
                    }
                );
                return head is null ? null : new OwnerRecord(head, cursors, rows);
            },
            cancellation
        );
    }

    public Task<IReadOnlyDictionary<OwnerId, OwnerHead>> LoadHeadsAsync(
        IReadOnlyCollection<OwnerId> owners,
        CancellationToken cancellation
    ) =>
        database.RunAsync<IReadOnlyDictionary<OwnerId, OwnerHead>>(
            async session =>
                (
                    await session.ListAsync(PostgresHeads.SelectMany(owners), PostgresHeads.Read)
                ).ToDictionary(pair => pair.Owner, pair => pair.Head.Head),
            cancellation
        );

    public Task<IReadOnlyList<RowSet>> LoadRowsAsync(
        IReadOnlyList<RowQuery> queries,
        CancellationToken cancellation
    ) => PostgresRows.LoadAsync(database, tables, queries, cancellation);

    public Task<IReadOnlyList<CommitOutcome>> CommitAsync(
        IReadOnlyList<OwnerCommit> commits,
        CancellationToken cancellation
    ) => PostgresCommits.RunAsync(database, tables, commits, wait: false, cancellation);

    public async Task<CommitOutcome> CommitAloneAsync(
        OwnerCommit commit,
        CancellationToken cancellation
    )
    {
        var outcomes = await PostgresCommits.RunAsync(
            database,
            tables,
            [commit],
            wait: true,
            cancellation
        );
        return outcomes[0];
    }

    public Task<ReadOutcome> ReadAsync(ReadQuery query, CancellationToken cancellation)
    {
        var current = tables;
        return database.ReadOwnerAsync(
            query.Owner,
            session => new PostgresPages(session, current).ReadAsync(query),
            cancellation
        );
    }

    public Task<ConflictPage> ReadConflictsAsync(
        OwnerId owner,
        ConflictPosition? before,
        int limit,
        CancellationToken cancellation
    ) =>
        database.ReadOwnerAsync(
            owner,
            session => PostgresConflicts.ReadPageAsync(session, owner, before, limit),
            cancellation
        );

    public Task<Verified> VerifyAsync(
        OwnerId owner,
        IReadOnlyCollection<string> entities,
        CancellationToken cancellation
    )
    {
        var wanted = tables.All.Where(table => entities.Contains(table.Type.Name)).ToList();
        return database.ReadOwnerAsync(
            owner,
            async session =>
            {
                var (at, digest, count) = (0L, 0UL, 0L);
                await session.ReadAsync(
                    [
                        PostgresHeads.SelectMany([owner]),
                        .. wanted.Select(table => new Statement(
                            table.SelectDigest,
                            Of(owner.Value)
                        )),
                    ],
                    (i, row) =>
                    {
                        if (i == 0)
                        {
                            at = PostgresHeads.Read(row).Head.Head.Version;
                            return;
                        }
                        digest ^= unchecked((ulong)row.GetInt64(0));
                        count += row.GetInt64(1);
                    }
                );
                return new Verified(at, digest, count);
            },
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
        return database.SearchOwnerAsync(
            owner,
            session => new PostgresSearch(session, current).FindAsync(owner, search),
            cancellation
        );
    }

    public Task<IReadOnlyList<OwnerContent>> ListContentsAsync(
        OwnerContent? after,
        int limit,
        CancellationToken cancellation
    ) =>
        database.ReadAsync(
            session => PostgresContents.ListAsync(session, after, limit),
            cancellation
        );

    public Task<IReadOnlyList<Content>> FindUnusedContentsAsync(
        OwnerId owner,
        DateTimeOffset since,
        int limit,
        CancellationToken cancellation
    )
    {
        var unused = PostgresContents.SelectUnused(tables, owner, since, limit);
        return database.ReadOwnerAsync<IReadOnlyList<Content>>(
            owner,
            async session => await session.ListAsync(unused, PostgresContents.Read),
            cancellation
        );
    }

    public Task<IReadOnlyList<DeviceAck>> LoadAcksAsync(
        OwnerId owner,
        CancellationToken cancellation
    ) =>
        database.ReadOwnerAsync<IReadOnlyList<DeviceAck>>(
            owner,
            async session => await PostgresCursors.ReadAcksAsync(session, owner),
            cancellation
        );

    public Task SaveAcksAsync(
        IReadOnlyCollection<DeviceAck> acks,
        CancellationToken cancellation
    ) =>
        database.RunAsync(
            session => session.ExecuteAsync(PostgresCursors.WriteAcks(acks)),
            cancellation
        );
}
