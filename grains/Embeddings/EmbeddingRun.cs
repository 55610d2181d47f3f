using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Orchestra.Sync;
using Orchestra.Sync.Catalog;
using Orchestra.Sync.Errors;
using Orchestra.Sync.Search;
using Orleans.Configuration;

namespace Orchestra.Grains.Embeddings;

/// <summary>
/// Brings owners' vectors up to their rows. What a request has brought is written before the next one is
/// made, and what is written already is not asked for: whatever breaks off, that one request is all that is
/// paid for twice.
/// </summary>
internal sealed class EmbeddingRun(
    IMeaningStore store,
    IEmbedder embedder,
    RowTexts rowTexts,
    EntityCatalog catalog,
    TimeProvider time,
    IOptions<ClusterOptions> cluster,
    ILogger<EmbeddingRun> logger
)
{
    private const int HeadsAPage = 1_000;

    /// <summary>Who share a request, if they have little each.</summary>
    public const int OwnersAtOnce = 64;

    private static readonly TimeSpan FirstWait = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan StorePatience = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestWait = TimeSpan.FromMinutes(1);

    /// <summary>Longer than a request waits for its turn and its answer.</summary>
    private static readonly TimeSpan Lease = TimeSpan.FromMinutes(5);

    private readonly string recipe = RecipeOf(catalog, embedder.Model);

    /// <summary>Whether it is this cluster's turn.</summary>
    public Task<bool> LeadAsync(CancellationToken cancellation) =>
        store.LeadAsync(cluster.Value.ClusterId, Lease, cancellation);

    /// <summary>Where the store cannot be reached, it is left when its time is over.</summary>
    public async Task LeaveAsync()
    {
        try
        {
            await store.LeadAsync(cluster.Value.ClusterId, TimeSpan.Zero, CancellationToken.None);
        }
        catch (SyncException)
        {
            // It has been said, and this cluster may come again at any time.
        }
    }

    /// <summary>Adds those of the next owners who have something left to do.</summary>
    /// <returns>The last that was looked at; null = there are no more.</returns>
    public async Task<OwnerId?> FindBehindAsync(
        WaitingOwners waiting,
        OwnerId? after,
        CancellationToken cancellation
    )
    {
        var page = await store.FindBehindAsync(recipe, after, HeadsAPage, cancellation);
        foreach (var owner in page.Owners)
            waiting.Add(owner);
        return page.Last;
    }

    /// <summary>A page of the first of them, who then wait again, until nothing of theirs is left to do.</summary>
    public async Task EmbedAsync(WaitingOwners waiting, CancellationToken cancellation)
    {
        var pages = await GatherAsync(waiting, cancellation);
        await EmbedAsync(pages, cancellation);
        foreach (var page in pages)
            waiting.Add(page.Changed.Owner);
    }

    /// <summary>A page each of so many owners that a request is worth it.</summary>
    private async Task<List<Page>> GatherAsync(
        WaitingOwners waiting,
        CancellationToken cancellation
    )
    {
        var (pages, texts) = (new List<Page>(), 0);
        while (
            pages.Count < OwnersAtOnce
            && texts < embedder.Most.Texts
            && waiting.TryTake(out var owner)
        )
        {
            if (
                await store.ReadChangedAsync(owner, recipe, embedder.Most.Texts, cancellation)
                is not { } changed
            )
                continue;
            var page = await ReadAsync(changed, cancellation);
            pages.Add(page);
            texts += page.New.Count;
        }
        return pages;
    }

    private async Task<Page> ReadAsync(ChangedTexts changed, CancellationToken cancellation)
    {
        var texts = await rowTexts.ReadAsync(changed.Owner, changed.Rows, cancellation);
        var page = new Page(changed, [], []);
        foreach (var (row, text) in changed.Rows.Zip(texts))
        {
            var hash = text.Hash;
            if (row.Model == embedder.Model && row.TextHash == hash)
                continue;
            if (text.Text.Length > 0)
                page.New.Add(new(changed.Owner, row, text.Text, hash));
            else if (row.TextHash is not null)
                page.Emptied.Add(
                    (changed.Owner, new(row.Row, row.Version, embedder.Model, hash, null))
                );
        }
        return page;
    }

    private async Task EmbedAsync(List<Page> pages, CancellationToken cancellation)
    {
        var all = pages.SelectMany(page => page.New).ToList();
        var asked = 0;
        foreach (var request in RequestsOf(all))
        {
            var vectors = await AskAsync(request, cancellation);
            await SavePaidAsync(
                [
                    .. request.Zip(
                        vectors,
                        (item, vector) => (item.Owner, item.With(embedder.Model, vector))
                    ),
                ],
                cancellation
            );
            asked += request.Count;
            cancellation.ThrowIfCancellationRequested();
        }
        await store.SaveAsync(
            recipe,
            [.. pages.SelectMany(page => page.Emptied)],
            [.. pages.Select(page => page.Changed)],
            cancellation
        );
        if (asked > 0)
            EmbeddingLog.Embedded(logger, asked);
    }

    /// <summary>They are not given up while the store is away.</summary>
    private async Task SavePaidAsync(
        IReadOnlyList<(OwnerId, RowEmbedding)> embeddings,
        CancellationToken cancellation
    )
    {
        while (true)
            try
            {
                await store.SaveAsync(recipe, embeddings, [], CancellationToken.None);
                return;
            }
            catch (SyncException e) when (e.Code == ErrorCode.StoreUnavailable)
            {
                EmbeddingLog.StoreUnavailable(logger);
                await Task.Delay(StorePatience, time, cancellation);
            }
    }

    private IEnumerable<List<NewText>> RequestsOf(List<NewText> texts)
    {
        var (request, bytes) = (new List<NewText>(), 0);
        foreach (var text in texts)
        {
            var more = Encoding.UTF8.GetByteCount(text.Text);
            if (
                request.Count == embedder.Most.Texts
                || (request.Count > 0 && bytes + more > embedder.Most.Bytes)
            )
            {
                yield return request;
                (request, bytes) = ([], 0);
            }
            request.Add(text);
            bytes += more;
        }
        if (request.Count > 0)
            yield return request;
    }

    /// <summary>A vector each, null for a text that the model refuses. Waits until it gives some.</summary>
    private async Task<IReadOnlyList<float[]?>> AskAsync(
        List<NewText> texts,
        CancellationToken cancellation
    )
    {
        for (var attempt = 0; ; attempt++)
        {
            // Who has waited long may have lost it.
            if (!await LeadAsync(cancellation))
                throw new OtherClusterException();
            try
            {
                var vectors = await embedder.EmbedAsync(
                    [.. texts.Select(item => item.Text)],
                    cancellation
                );
                if (attempt > 0)
                    EmbeddingLog.VectorsAgain(logger);
                return vectors;
            }
            catch (EmbedderException e) when (e.IsOfTexts && texts.Count > 1)
            {
                var half = texts.Count / 2;
                return
                [
                    .. await AskAsync(texts[..half], cancellation),
                    .. await AskAsync(texts[half..], cancellation),
                ];
            }
            catch (EmbedderException e)
            {
                if (e.IsOfTexts && await TakesOthersAsync(cancellation))
                {
                    EmbeddingLog.Refused(logger, texts[0].Row.Row, texts[0].Owner);
                    return [null];
                }
                await WaitAsync(e, attempt, cancellation);
            }
        }
    }

    /// <summary>Whether it is this text that is refused, or any at all, by a setting that is wrong.</summary>
    private async Task<bool> TakesOthersAsync(CancellationToken cancellation)
    {
        try
        {
            await embedder.EmbedAsync(["Orchestra"], cancellation);
            return true;
        }
        catch (EmbedderException)
        {
            return false;
        }
    }

    private Task WaitAsync(EmbedderException e, int attempt, CancellationToken cancellation)
    {
        var wait =
            e.RetryAfter is { } asked && asked < Lease
                ? asked
                : FirstWait * Math.Min(1 << Math.Min(attempt, 10), LongestWait / FirstWait);
        EmbeddingLog.NoVectors(logger, (int)Math.Ceiling(wait.TotalSeconds), e.Message);
        return Task.Delay(wait, time, cancellation);
    }

    /// <summary>With another one all rows are looked at again, and only those asked for that differ.</summary>
    private static string RecipeOf(EntityCatalog catalog, string model)
    {
        var fields = catalog
            .Types.Where(type => type.Searched.Count > 0)
            .Select(type =>
                $"{type.Name}({string.Join(',', type.Searched.Select(field => field.Name))})"
            );
        var text = $"1 {model} {string.Join(' ', fields)}";
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)));
    }

    /// <param name="Changed">Which rows were looked at.</param>
    /// <param name="New">Texts without a vector.</param>
    /// <param name="Emptied">Rows whose text is gone.</param>
    private sealed record Page(
        ChangedTexts Changed,
        List<NewText> New,
        List<(OwnerId, RowEmbedding)> Emptied
    );

    private sealed record NewText(OwnerId Owner, ChangedText Row, string Text, string Hash)
    {
        public RowEmbedding With(string model, float[]? vector) =>
            new(Row.Row, Row.Version, model, Hash, vector);

        // A user's words get into no log.
        public override string ToString() => nameof(NewText);
    }
}

/// <summary>Another cluster on the same database embeds now.</summary>
internal sealed class OtherClusterException() : Exception("Another cluster embeds");
