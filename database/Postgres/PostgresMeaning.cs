using Npgsql;
using Orchestra.Sync;
using Orchestra.Sync.Search;
using static Orchestra.Database.Postgres.PostgresValues;

namespace Orchestra.Database.Postgres;

/// <summary>Vectors beside the rows, where the server has pgvector.</summary>
public sealed class PostgresMeaning : IMeaningStore
{
    private readonly PostgresDatabase database;
    private readonly PostgresTables tables;
    private readonly IReadOnlyList<PostgresTable> embedded;
    private readonly IndexRule rule;

    private PostgresMeaning(
        PostgresDatabase database,
        PostgresTables tables,
        IReadOnlyList<PostgresTable> embedded,
        IndexRule rule
    )
    {
        this.rule = rule;
        this.database = database;
        this.tables = tables;
        this.embedded = embedded;
    }

    /// <param name="database">Migrated; the caller closes it.</param>
    /// <param name="cancellation">Stops the opening.</param>
    /// <param name="rule">When the index is asked; null = when it is worth it.</param>
    /// <returns>Null if there are no tables of vectors.</returns>
    public static async Task<PostgresMeaning?> OpenAsync(
        PostgresDatabase database,
        CancellationToken cancellation,
        IndexRule? rule = null
    )
    {
        var (tables, there) = await database.ReadAsync(
            async session =>
                (
                    await PostgresCatalog.ReadAsync(session),
                    await session.ListAsync(
                        EmbeddingStatements.SelectTables,
                        row => row.GetString(0)
                    )
                ),
            cancellation
        );
        var embedded = tables
            .All.Where(table =>
                table.Type.Searched.Count > 0
                && there.Contains(EmbeddingStatements.TableOf(table.Type.Name))
            )
            .ToList();
        return embedded.Count == 0
            ? null
            : new(database, tables, embedded, rule ?? IndexRule.Measured);
    }

    public bool Has(string entity) => embedded.Any(table => table.Type.Name == entity);

    public Task<bool> LeadAsync(string holder, TimeSpan length, CancellationToken cancellation) =>
        database.RunAsync(
            async session =>
                (
                    await session.ListAsync(
                        EmbeddingStatements.Lead(holder, length),
                        row => row.GetString(0)
                    )
                ).Count > 0,
            cancellation
        );

    public Task<OwnersBehind> FindBehindAsync(
        string recipe,
        OwnerId? after,
        int limit,
        CancellationToken cancellation
    ) =>
        database.RunAsync(
            async session =>
            {
                var heads = await session.ListAsync(
                    EmbeddingStatements.SelectHeads(recipe, after, limit),
                    row => (Owner: new OwnerId(row.GetGuid(0)), IsBehind: row.GetBoolean(1))
                );
                return new OwnersBehind(
                    [.. heads.Where(head => head.IsBehind).Select(head => head.Owner)],
                    heads.Count < limit ? null : heads[^1].Owner
                );
            },
            cancellation
        );

    public Task<ChangedTexts?> ReadChangedAsync(
        OwnerId owner,
        string recipe,
        int limit,
        CancellationToken cancellation
    ) =>
        database.ReadOwnerAsync(
            owner,
            session => new PostgresChangedTexts(session, embedded).ReadAsync(owner, recipe, limit),
            cancellation
        );

    public Task<ChangedText?> ReadRowAsync(
        OwnerId owner,
        RowKey row,
        CancellationToken cancellation
    ) =>
        database.ReadOwnerAsync(
            owner,
            session => new PostgresChangedTexts(session, embedded).ReadRowAsync(owner, row),
            cancellation
        );

    public async Task SaveAsync(
        string recipe,
        IReadOnlyList<(OwnerId Owner, RowEmbedding Embedding)> embeddings,
        IReadOnlyList<ChangedTexts> done,
        CancellationToken cancellation
    ) =>
        await database.RunAsync(
            async session =>
            {
                // Without a BEGIN the batch is one transaction.
                await using var batch = new NpgsqlBatch(session.Connection);
                foreach (var (owner, embedding) in embeddings)
                    batch.Add(
                        EmbeddingStatements.Write(tables[embedding.Row.Entity], owner, embedding)
                    );
                foreach (var changed in done)
                    batch.Add(EmbeddingStatements.Move(changed, recipe));
                return batch.BatchCommands.Count == 0
                    ? 0
                    : await batch.ExecuteNonQueryAsync(cancellation);
            },
            cancellation
        );

    public Task<FoundPage> SearchAsync(
        OwnerId owner,
        MeaningSearch search,
        CancellationToken cancellation
    ) =>
        database.SearchOwnerAsync(
            owner,
            session =>
                new PostgresNearest(session, tables, embedded, rule).FindAsync(owner, search),
            cancellation
        );
}
