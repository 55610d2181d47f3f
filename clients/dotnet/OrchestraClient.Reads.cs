using Microsoft.Data.Sqlite;
using Orchestra.Client.Local;
using Orchestra.Client.Rows;
using Orchestra.Sync;
using Orchestra.Sync.Catalog;
using Orchestra.Sync.Errors;

namespace Orchestra.Client;

/// <content>What can be read, always from this device and with its own changes in it.</content>
public sealed partial class OrchestraClient
{
    /// <summary>A row as the app sees it, own changes included; null if there is none.</summary>
    public Task<IReadOnlyDictionary<string, FieldValue>?> FindAsync(
        string entity,
        Guid id,
        CancellationToken cancel = default
    ) => database.ReadAsync(local => AppView.Find(local, entity, id), cancel);

    /// <summary>All rows of a type as the app sees them, in the order of their ids.</summary>
    /// <exception cref="SyncException"><c>unknown_entity</c>.</exception>
    public Task<List<EntityRow>> ListAsync(string entity, CancellationToken cancel = default) =>
        database.ReadAsync(local => AppView.All(local, entity), cancel);

    /// <summary>
    /// Plain SQL over the views, one an entity type: columns <c>id</c>, <c>version</c> and the
    /// fields.
    /// </summary>
    /// <param name="sql">One statement that reads.</param>
    /// <param name="read">Makes a result of the row that the reader stands on.</param>
    /// <param name="parameters">By their names in the text, such as <c>$id</c>.</param>
    /// <param name="cancel">Ends it.</param>
    public async Task<IReadOnlyList<T>> QueryAsync<T>(
        string sql,
        Func<SqliteDataReader, T> read,
        IReadOnlyDictionary<string, object>? parameters = null,
        CancellationToken cancel = default
    )
    {
        await using var connection = database.OpenReader();
        // SQLite works on the calling thread, and an app's own has other things to do.
        return await Task.Run(() => LocalQuery.Run(connection, sql, read, parameters), cancel);
    }

    /// <summary>A read-only connection of the caller's own.</summary>
    public SqliteConnection OpenReader() => database.OpenReader();

    /// <summary>What types there are; empty until the device has met its server.</summary>
    public Task<EntityCatalog> ReadCatalogAsync(CancellationToken cancel = default) =>
        database.ReadAsync(local => local.Tables.Catalog, cancel);
}
