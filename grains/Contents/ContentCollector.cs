using Orchestra.Grains.Interfaces;
using Orchestra.Sync;
using Orchestra.Sync.Contents;
using Orchestra.Sync.Store;

namespace Orchestra.Grains.Contents;

/// <param name="Grace">
/// How long contents stay that no row names, and uploads that do not end; well above the time that a
/// client needs from one to the next of its requests.
/// </param>
public sealed record ContentRetention(TimeSpan Grace);

/// <param name="Unused">Contents that no row has named for long.</param>
/// <param name="Lost">Bytes whose row was never written, or is of another upload.</param>
/// <param name="Unfinished">Uploads that went no further.</param>
internal readonly record struct CollectedContents(int Unused, int Lost, int Unfinished);

/// <summary>
/// Deletes bytes that are of no use. A row goes before its bytes, and only by its owner's grain, so that
/// whoever names contents at that moment either keeps them or hears that they are gone.
/// </summary>
internal sealed class ContentCollector(
    IContentStore contents,
    ISyncStore store,
    IGrainFactory grains,
    TimeProvider time,
    ContentRetention retention
)
{
    private const int Chunk = 500;

    public async Task<CollectedContents> RunAsync(CancellationToken cancellation)
    {
        var since = time.GetUtcNow() - retention.Grace;
        var total = default(CollectedContents);
        await foreach (var stored in ChunksAsync(cancellation))
        {
            var owner = stored[0].Owner;
            var unused = await CollectUnusedAsync(owner, since, cancellation);
            var (lost, unfinished) = await SweepAsync(
                owner,
                [.. stored.Where(item => item.At < since)],
                cancellation
            );
            total = new(total.Unused + unused, total.Lost + lost, total.Unfinished + unfinished);
        }
        return total;
    }

    private async Task<int> CollectUnusedAsync(
        OwnerId owner,
        DateTimeOffset since,
        CancellationToken cancellation
    )
    {
        var count = 0;
        // Asked here first, because most owners have nothing to collect and need no grain.
        while ((await store.FindUnusedContentsAsync(owner, since, 1, cancellation)).Count > 0)
        {
            var gone = await grains.GetGrain<ISyncGrain>(owner.Value).CollectContents(since);
            foreach (var content in gone)
                await contents.DeleteAsync(
                    new(owner, content.Hash, content.Upload, content.Size, since),
                    cancellation
                );
            count += gone.Count;
            if (gone.Count == 0)
                break;
        }
        return count;
    }

    private async Task<(int Lost, int Unfinished)> SweepAsync(
        OwnerId owner,
        IReadOnlyList<StoredContent> old,
        CancellationToken cancellation
    )
    {
        var known = await KnownAsync(owner, old, cancellation);
        var (lost, unfinished) = (0, 0);
        foreach (var stored in old)
        {
            if (stored.Upload is { } upload && known.GetValueOrDefault(stored.Hash) == upload)
                continue;
            await contents.DeleteAsync(stored, cancellation);
            if (stored.Upload is null)
                unfinished++;
            else
                lost++;
        }
        return (lost, unfinished);
    }

    private async Task<Dictionary<ContentHash, Guid>> KnownAsync(
        OwnerId owner,
        IReadOnlyList<StoredContent> stored,
        CancellationToken cancellation
    )
    {
        var needs = stored
            .Where(item => item.Upload is not null)
            .Select(item => new RowNeed(item.Hash.Row, null, false))
            .Distinct()
            .ToList();
        if (needs.Count == 0)
            return [];
        var found = await store.LoadRowsAsync([new RowQuery(owner, needs)], cancellation);
        return found[0]
            .Rows.Select(Content.Of)
            .OfType<Content>()
            .ToDictionary(content => content.Hash, content => content.Upload);
    }

    /// <summary>What is there, some of one owner at a time.</summary>
    private async IAsyncEnumerable<List<StoredContent>> ChunksAsync(
        [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellation
    )
    {
        var chunk = new List<StoredContent>();
        await foreach (var stored in contents.ListAsync(cancellation))
        {
            if (chunk.Count == Chunk || (chunk.Count > 0 && chunk[0].Owner != stored.Owner))
            {
                yield return chunk;
                chunk = [];
            }
            chunk.Add(stored);
        }
        if (chunk.Count > 0)
            yield return chunk;
    }
}
