using Microsoft.Data.Sqlite;
using Orchestra.Client.Local;
using Orchestra.Client.Sets;
using Orchestra.Sync.Errors;

namespace Orchestra.Client;

/// <summary>The rows of one entity type as objects of an app's class.</summary>
/// <typeparam name="T">
/// A class with an <c>id</c>, and with the fields it cares for; others stay as they are. Its compiled
/// JSON says which is which.
/// </typeparam>
public sealed class EntitySet<T>
{
    private readonly OrchestraClient client;
    private readonly LocalDatabase database;
    private readonly RowShape<T> shape;

    internal EntitySet(
        string name,
        OrchestraClient client,
        LocalDatabase database,
        RowShape<T> shape
    )
    {
        Name = name;
        this.client = client;
        this.database = database;
        this.shape = shape;
    }

    /// <summary>The entity type.</summary>
    public string Name { get; }

    /// <summary>The row with an id, own changes included; default if there is none.</summary>
    public async Task<T?> FindAsync(Guid id, CancellationToken cancel = default)
    {
        if (database.Catalog.Types.Count == 0)
            return await client.FindAsync(Name, id, cancel) is { } fields
                ? shape.FromRow(new EntityRow(id, 0, fields))
                : default;
        var parameters = new Dictionary<string, object> { ["$id"] = id.ToString() };
        var found = await QueryAsync("where id = $id", parameters, cancel);
        return found.Count == 0 ? default : found[0];
    }

    /// <summary>All rows as the app sees them.</summary>
    /// <exception cref="SyncException"><c>unknown_entity</c>.</exception>
    public Task<IReadOnlyList<T>> ListAsync(CancellationToken cancel = default) =>
        QueryAsync("", cancel: cancel);

    /// <summary>Some of the rows.</summary>
    /// <param name="rest">
    /// SQL after <c>select * from …</c>: <c>where stars > $stars order by name limit 10</c>.
    /// </param>
    /// <param name="parameters">By their names in the text, such as <c>$stars</c>.</param>
    /// <param name="cancel">Ends it.</param>
    /// <exception cref="SyncException">
    /// <c>unknown_entity</c>: also before the device has met its server for the first time.
    /// </exception>
    public async Task<IReadOnlyList<T>> QueryAsync(
        string rest,
        IReadOnlyDictionary<string, object>? parameters = null,
        CancellationToken cancel = default
    )
    {
        // Also learns of a newer catalog, if another process has brought one.
        await client.ReadCatalogAsync(cancel);
        await using var connection = database.OpenReader();
        return await Task.Run(() => Read(connection, rest, parameters), cancel);
    }

    /// <summary>
    /// <see cref="QueryAsync"/>'s result now, and again whenever a table that it reads has changed;
    /// see <see cref="OrchestraClient.WatchAsync"/>. Without <paramref name="rest"/>: all rows.
    /// </summary>
    public IAsyncEnumerable<IReadOnlyList<T>> WatchAsync(
        string rest = "",
        IReadOnlyDictionary<string, object>? parameters = null,
        CancellationToken cancel = default
    ) => client.Watch(connection => ReadOrNone(connection, rest, parameters), cancel);

    /// <summary>Makes the row what the entity says: creates it, or writes what differs.</summary>
    /// <returns>Whether anything differed.</returns>
    /// <exception cref="SyncException"><c>unknown_field</c>, <c>required_field</c> …</exception>
    /// <exception cref="ArgumentException">The entity has no id.</exception>
    public async Task<bool> PutAsync(T entity, CancellationToken cancel = default) =>
        await client.WriteAsync([ToPut(entity)], cancel: cancel) > 0;

    /// <summary>Deletes a row, and on the server what refers to it.</summary>
    /// <returns>Whether it was there.</returns>
    public Task<bool> DeleteAsync(Guid id, CancellationToken cancel = default) =>
        client.DeleteAsync(Name, id, cancel);

    /// <inheritdoc cref="DeleteAsync(Guid, CancellationToken)"/>
    public Task<bool> DeleteAsync(T entity, CancellationToken cancel = default) =>
        DeleteAsync(shape.IdOf(entity), cancel);

    /// <summary>
    /// What <see cref="PutAsync"/> does, as an edit for <see cref="OrchestraClient.WriteAsync"/>,
    /// where several can stand or fall together. Fields that only the server writes are left out.
    /// </summary>
    /// <exception cref="ArgumentException">The entity has no id.</exception>
    public Edit ToPut(T entity)
    {
        var edit = shape.ToEdit(Name, entity);
        var type = database.Catalog.Find(Name);
        return edit with
        {
            Fields = edit.Fields!.Where(pair => type?.Find(pair.Key) is not { ServerOnly: true })
                .ToDictionary(pair => pair.Key, pair => pair.Value),
        };
    }

    private IReadOnlyList<T> Read(
        SqliteConnection connection,
        string rest,
        IReadOnlyDictionary<string, object>? parameters
    ) =>
        [
            .. SetRows
                .Read(connection, database.Catalog, Name, rest, parameters)
                .Select(shape.FromRow),
        ];

    /// <summary>A live query begins before the device has met its server, too.</summary>
    private IReadOnlyList<T> ReadOrNone(
        SqliteConnection connection,
        string rest,
        IReadOnlyDictionary<string, object>? parameters
    ) =>
        rest.Length > 0 && database.Catalog.Types.Count == 0
            ? []
            : Read(connection, rest, parameters);
}
