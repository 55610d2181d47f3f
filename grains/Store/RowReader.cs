using Orchestra.Sync.Store;

namespace Orchestra.Grains.Store;

/// <summary>The silo's lookups of rows: many owners' in one query of the store.</summary>
internal sealed class RowReader(ISyncStore store, TaskScheduler? scheduler = null)
    : IAsyncDisposable
{
    private const int BatchRows = 2_000;
    private const int BatchesInFlight = 4;

    private readonly Gathering<RowQuery, RowSet> together = new(
        "load",
        queries => store.LoadRowsAsync(queries, CancellationToken.None),
        query => query.Rows.Count,
        BatchRows,
        BatchesInFlight,
        scheduler
    );

    /// <exception cref="Orchestra.Sync.Errors.SyncException"><c>store_unavailable</c>.</exception>
    public Task<RowSet> LoadAsync(RowQuery query) => together.AskAsync(query);

    public ValueTask DisposeAsync() => together.DisposeAsync();
}
