using Microsoft.Data.Sqlite;
using Orchestra.Client.Local;

namespace Orchestra.Client;

/// <content>What stays true by itself: live queries and the status.</content>
public sealed partial class OrchestraClient
{
    /// <summary>How the device stands with its server, at this moment and without any waiting.</summary>
    public SyncStatus Status => board.Current;

    /// <summary>
    /// <see cref="Status"/> now, and again whenever it is another. Who takes his time gets the
    /// newest. Ends when the client is closed.
    /// </summary>
    public IAsyncEnumerable<SyncStatus> WatchStatusAsync(CancellationToken cancel = default)
    {
        foreign.Begin();
        return board.WatchAsync(cancel);
    }

    /// <summary>
    /// Everything that the database knows about the device, read anew: for an about page, support
    /// and tools. An app shows <see cref="Status"/>.
    /// </summary>
    public Task<ClientStatus> ReadStatusAsync(CancellationToken cancel = default) =>
        database.ReadAsync(ClientStatus.Of, cancel);

    /// <summary>
    /// The query's result now, and again whenever a table that it reads has changed: by this app, by
    /// another program on the same database, or by the server. Many changes in short order come as
    /// one, and who takes his time gets the newest result. Ends when the client is closed.
    /// </summary>
    /// <param name="sql">One statement that reads, over the views of <see cref="QueryAsync"/>.</param>
    /// <param name="read">Makes a result of the row that the reader stands on.</param>
    /// <param name="parameters">By their names in the text, such as <c>$id</c>.</param>
    /// <param name="cancel">Ends it.</param>
    public IAsyncEnumerable<IReadOnlyList<T>> WatchAsync<T>(
        string sql,
        Func<SqliteDataReader, T> read,
        IReadOnlyDictionary<string, object>? parameters = null,
        CancellationToken cancel = default
    ) => Watch(connection => LocalQuery.Run(connection, sql, read, parameters), cancel);

    internal IAsyncEnumerable<IReadOnlyList<T>> Watch<T>(
        Func<SqliteConnection, IReadOnlyList<T>> query,
        CancellationToken cancel
    )
    {
        foreign.Begin();
        return queries.RunAsync(query, cancel);
    }
}
