using System.Runtime.CompilerServices;
using Microsoft.Data.Sqlite;
using Orchestra.Client.Local;

namespace Orchestra.Client.Watching;

/// <summary>
/// A query that runs again whenever something it reads has changed. Between two runs any number of
/// commits count as one, and whoever takes his time gets the newest result, never a queue of older
/// ones.
/// </summary>
internal sealed class LiveQuery(LocalDatabase database, ChangeFeed feed, ClientOptions options)
{
    public async IAsyncEnumerable<IReadOnlyList<T>> RunAsync<T>(
        Func<SqliteConnection, IReadOnlyList<T>> query,
        [EnumeratorCancellation] CancellationToken cancel
    )
    {
        using var subscription = feed.Subscribe();
        await using var connection = await Task.Run(database.OpenReader, cancel);
        do
        {
            var started = options.Time.GetTimestamp();
            yield return await Task.Run(() => Read(connection, subscription, query), cancel);
            var rest = options.WatchInterval - options.Time.GetElapsedTime(started);
            if (rest > TimeSpan.Zero)
                await Task.Delay(rest, options.Time, cancel);
        } while (await subscription.Signal.WaitAsync(cancel));
    }

    private IReadOnlyList<T> Read<T>(
        SqliteConnection connection,
        ChangeFeed.Subscription subscription,
        Func<SqliteConnection, IReadOnlyList<T>> query
    )
    {
        try
        {
            var reads = QueryReads.Note(connection);
            var rows = query(connection);
            // A query that could not be asked yet has named nothing.
            if (database.Catalog.Types.Count > 0)
                subscription.Reads = reads;
            return rows;
        }
        catch (SqliteException) when (database.Catalog.Types.Count == 0)
        {
            // Before the device has met its server there are no views, and so no rows.
            return [];
        }
    }
}
