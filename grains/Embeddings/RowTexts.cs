using System.Text;
using Orchestra.Sync;
using Orchestra.Sync.Contents;
using Orchestra.Sync.Search;
using Orchestra.Sync.Store;

namespace Orchestra.Grains.Embeddings;

/// <summary>
/// What rows are embedded from: their searched fields, and the beginning of the contents that they name,
/// if the server has them and they are text.
/// </summary>
internal sealed class RowTexts(ISyncStore store, IContentStore? contents = null)
{
    private static readonly UTF8Encoding Strict = new(false, throwOnInvalidBytes: true);

    /// <summary>One a row, in order; of a deleted one the empty text.</summary>
    public async Task<IReadOnlyList<EmbeddedText>> ReadAsync(
        OwnerId owner,
        IReadOnlyList<ChangedText> rows,
        CancellationToken cancellation
    )
    {
        var there = await FindContentsAsync(owner, rows, cancellation);
        var texts = new List<EmbeddedText>(rows.Count);
        foreach (var row in rows)
        {
            if (!row.IsLive)
            {
                texts.Add(EmbeddedText.Of([]));
                continue;
            }
            var content =
                row.ContentHash is { } hash && there.GetValueOrDefault(hash) is { } found
                    ? await ReadAsync(owner, found, cancellation)
                    : "";
            texts.Add(EmbeddedText.Of([.. row.Fields, content]));
        }
        return texts;
    }

    private async Task<Dictionary<string, Content>> FindContentsAsync(
        OwnerId owner,
        IReadOnlyList<ChangedText> rows,
        CancellationToken cancellation
    )
    {
        var needs = new HashSet<RowKey>();
        foreach (var row in rows)
            if (row.IsLive && ContentHash.TryParse(row.ContentHash, out var hash))
                needs.Add(hash.Row);
        if (contents is null || needs.Count == 0)
            return [];
        var found = await store.LoadRowsAsync(
            [new RowQuery(owner, [.. needs.Select(key => new RowNeed(key, null, false))])],
            cancellation
        );
        return found[0]
            .Rows.Select(Content.Of)
            .OfType<Content>()
            .ToDictionary(content => content.Hash.Hex);
    }

    /// <summary>Nothing, where they are no text.</summary>
    private async Task<string> ReadAsync(
        OwnerId owner,
        Content content,
        CancellationToken cancellation
    )
    {
        await using var stream = await contents!.OpenAsync(owner, content, cancellation);
        if (stream is null)
            return "";
        var bytes = new byte[EmbeddedText.MaxBytes];
        var count = await stream.ReadAtLeastAsync(bytes, bytes.Length, false, cancellation);
        var chars = new char[count];
        try
        {
            // What is cut within a character ends before it.
            var length = Strict.GetDecoder().GetChars(bytes, 0, count, chars, 0, flush: false);
            var text = new string(chars, 0, length);
            return text.Contains('\0', StringComparison.Ordinal) ? "" : text;
        }
        catch (DecoderFallbackException)
        {
            return "";
        }
    }
}
