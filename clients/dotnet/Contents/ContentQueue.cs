using Orchestra.Client.Connection;
using Orchestra.Client.Local;
using Orchestra.Sync;
using Orchestra.Sync.Contents;
using Orchestra.Sync.Errors;

namespace Orchestra.Client.Contents;

/// <summary>
/// What waits to be sent, and what shall be here before anybody asks. In the outbox's spirit: durable,
/// in order, and tried again until it is done or refused.
/// </summary>
internal sealed class ContentQueue(
    LocalDatabase database,
    ClientOptions options,
    ContentFolder folder,
    ContentTransfer transfer
)
{
    /// <summary>Transfers at a time: small files are mostly waiting.</summary>
    private const int AtOnce = 4;

    private const int Chunk = 64;

    private static readonly HashSet<string> Rows = [EngineEntities.Contents];

    private TaskCompletionSource news = NewNews();

    /// <summary>There is something to send, or perhaps to fetch.</summary>
    public void Wake() => Volatile.Read(ref news).TrySetResult();

    /// <summary>The server may have said that it has more.</summary>
    public void OnCommit(LocalCommit commit)
    {
        if (commit.Touched.Overlaps(Rows))
            Wake();
    }

    /// <summary>Sends whenever there is something, until cancelled.</summary>
    public async Task RunAsync(CancellationToken cancel)
    {
        while (true)
        {
            await Volatile.Read(ref news).Task.WaitAsync(cancel);
            Interlocked.Exchange(ref news, NewNews());
            try
            {
                await EmptyAsync(int.MaxValue, cancel);
            }
            catch (Exception) when (!cancel.IsCancellationRequested)
            {
                // The server keeps no contents, somebody has to log in, or the disk is full: the queue
                // outlives it all.
                await Task.Delay(options.LongestRetry, options.Time, cancel);
                Wake();
            }
        }
    }

    /// <summary>Sends what waits, then fetches ahead if the app wants that.</summary>
    /// <param name="retries">How often to try a server in vain that does not answer.</param>
    /// <param name="cancel">Ends it.</param>
    /// <exception cref="SyncException">Somebody has to do something first.</exception>
    /// <exception cref="HttpRequestException">The server could not be reached.</exception>
    public async Task EmptyAsync(int retries, CancellationToken cancel)
    {
        var pipeline = Retries.Build(options, retries);
        await InTableAsync(table => table.SendLostAgain(), cancel);
        await DrainAsync(
            table => table.Pending(Chunk),
            content => pipeline.ExecuteAsync(async token => await SendAsync(content, token), cancel)
        );
        if (options.Contents.FetchAhead)
            await DrainAsync(
                table =>
                    table.TotalBytes < options.Contents.CacheBytes ? table.Fetchable(Chunk) : [],
                content =>
                    pipeline.ExecuteAsync(
                        async token => await FetchOnceAsync(content.Hash, token),
                        cancel
                    )
            );

        async Task DrainAsync(
            Func<ContentTable, List<CachedContent>> next,
            Func<CachedContent, ValueTask> work
        )
        {
            while (await InTableAsync(next, cancel) is { Count: > 0 } some)
                await Parallel.ForEachAsync(
                    some,
                    new ParallelOptions
                    {
                        MaxDegreeOfParallelism = AtOnce,
                        CancellationToken = cancel,
                    },
                    (content, _) => work(content)
                );
        }
    }

    /// <summary>
    /// Brings contents into the cache, if they are not there; a server that has too much to do, or does
    /// not answer, is asked again as often as for a sync.
    /// </summary>
    /// <exception cref="SyncException"><c>not_found</c>, <c>hash_mismatch</c>, …</exception>
    /// <exception cref="HttpRequestException">The server could not be reached.</exception>
    public async Task FetchAsync(ContentHash hash, CancellationToken cancel) =>
        await Retries
            .Build(options, options.SyncRetries)
            .ExecuteAsync(async token => await FetchOnceAsync(hash, token), cancel);

    private async Task FetchOnceAsync(ContentHash hash, CancellationToken cancel)
    {
        if (folder.Has(hash))
            return;
        await using var part = folder.OpenPart(hash);
        await transfer.DownloadAsync(hash, part, cancel);
        var size = part.Length;
        if (!await folder.FinishAsync(part, hash, cancel))
            throw new SyncException(
                ErrorCode.HashMismatch,
                "What has come is not what was asked for; ask again",
                "sha256"
            );
        await InTableAsync(table => table.Add(hash, size, isPending: false), cancel);
        await EvictAsync(cancel);
    }

    /// <summary>Keeps the cache within its bound, as far as what is in it is safe elsewhere.</summary>
    public async Task EvictAsync(CancellationToken cancel)
    {
        var most = options.Contents.CacheBytes;
        if (await InTableAsync(table => table.TotalBytes, cancel) <= most)
            return;
        await InTableAsync(
            table =>
            {
                var total = table.TotalBytes;
                foreach (var content in table.Evictable())
                {
                    if (total <= most)
                        break;
                    folder.Delete(content.Hash);
                    table.Remove(content.Hash);
                    total -= content.Size;
                }
            },
            cancel
        );
    }

    public Task<T> InTableAsync<T>(Func<ContentTable, T> work, CancellationToken cancel) =>
        database.WriteAsync(local => work(new ContentTable(local, options.Time)), cancel);

    public Task InTableAsync(Action<ContentTable> work, CancellationToken cancel) =>
        InTableAsync(
            table =>
            {
                work(table);
                return true;
            },
            cancel
        );

    private async Task SendAsync(CachedContent content, CancellationToken cancel)
    {
        await using var file = folder.TryOpen(content.Hash);
        if (file is null)
        {
            await InTableAsync(
                table => table.Refuse(content.Hash, "The cache has lost it"),
                cancel
            );
            return;
        }
        try
        {
            await transfer.UploadAsync(content.Hash, file, cancel);
            await InTableAsync(table => table.Settle(content.Hash), cancel);
        }
        catch (SyncException e) when (e.Code == ErrorCode.HashMismatch)
        {
            if (await ContentFolder.IsWholeAsync(content.Hash, file, cancel))
                throw;
            await InTableAsync(
                table => table.Refuse(content.Hash, "The cache's copy is damaged"),
                cancel
            );
            folder.Delete(content.Hash);
        }
        catch (SyncException e) when (e.Code is ErrorCode.ValueTooLarge or ErrorCode.InvalidValue)
        {
            await InTableAsync(table => table.Refuse(content.Hash, e.Message), cancel);
        }
    }

    private static TaskCompletionSource NewNews() =>
        new(TaskCreationOptions.RunContinuationsAsynchronously);
}
