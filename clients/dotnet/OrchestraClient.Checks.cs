using Orchestra.Client.Local;
using Orchestra.Client.Rows;
using Orchestra.Sync.Errors;

namespace Orchestra.Client;

/// <content>What tools need and apps seldom do.</content>
public sealed partial class OrchestraClient
{
    /// <summary>
    /// Reads the whole database and says whether it agrees with itself. Nothing else can be read or
    /// written by this client meanwhile.
    /// </summary>
    public Task<LocalCheck> CheckAsync(CancellationToken cancel = default) =>
        database.ReadAsync(LocalAudit.Run, cancel);

    /// <summary>The only entity types that this device takes; null = all.</summary>
    public Task<IReadOnlyList<string>?> ReadScopeAsync(CancellationToken cancel = default) =>
        database.ReadAsync(local => local.State.Entities, cancel);

    /// <summary>A row with its version, as the app sees it; null if there is none.</summary>
    /// <exception cref="SyncException"><c>unknown_entity</c>.</exception>
    public Task<EntityRow?> FindRowAsync(
        string entity,
        Guid id,
        CancellationToken cancel = default
    ) => database.ReadAsync(local => AppView.FindRow(local, entity, id), cancel);

    /// <summary>
    /// All rows of some types as the app sees them, as of one moment. Read while they are taken and
    /// on the thread that takes them, so that there may be more than fit into memory.
    /// </summary>
    /// <param name="entities">The types, in this order; null = all.</param>
    /// <exception cref="SyncException"><c>unknown_entity</c>.</exception>
    public IEnumerable<KeyValuePair<string, EntityRow>> StreamRows(
        IReadOnlyCollection<string>? entities = null
    )
    {
        var catalog = database.Catalog;
        return RowStream.Read(
            database,
            [
                .. entities?.Select(entity => Outbox.EditCheck.RequireType(catalog, entity))
                    ?? catalog.Types,
            ]
        );
    }
}
