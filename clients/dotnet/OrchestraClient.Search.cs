using Orchestra.Client.Rows;
using Orchestra.Sync.Catalog;
using Orchestra.Sync.Errors;
using Orchestra.Sync.Search;

namespace Orchestra.Client;

/// <content>Searching by words, on this device and offline.</content>
public sealed partial class OrchestraClient
{
    /// <summary>
    /// Rows in which all of the words occur, in the fields that the server searches too, and by the same
    /// rules. The first search after many changes takes longer: it indexes them.
    /// </summary>
    /// <param name="words">
    /// Words, <c>"phrases"</c>, <c>or</c> between alternatives, <c>-</c> before what must not occur; upper
    /// and lower case are the same. Up to 1,000 characters.
    /// </param>
    /// <param name="entities">The only types to look into; null = all that can be searched.</param>
    /// <param name="limit">The most hits of one type.</param>
    /// <param name="cancel">Ends it.</param>
    /// <returns>Type by type, the best first; nothing where there are no words.</returns>
    /// <exception cref="SyncException">
    /// <c>unknown_entity</c>; <c>malformed</c> for too many words.
    /// </exception>
    public async Task<IReadOnlyList<SearchHit>> SearchAsync(
        string words,
        IReadOnlyCollection<string>? entities = null,
        int limit = 50,
        CancellationToken cancel = default
    )
    {
        var query = WordQuery.Parse(words);
        if (query.IsEmpty)
            return [];
        while (await database.WriteAsync(WordIndex.CatchUp, cancel)) { }
        return await database.ReadAsync(
            local =>
                TypesOf(local.Tables.Catalog, entities)
                    .SelectMany(type => WordIndex.Find(local.Sql, type, query, limit))
                    .ToList(),
            cancel
        );
    }

    private static IEnumerable<EntityType> TypesOf(
        EntityCatalog catalog,
        IReadOnlyCollection<string>? entities
    ) =>
        entities is null
            ? catalog.Types
            : entities.Select(entity => Outbox.EditCheck.RequireType(catalog, entity));
}
