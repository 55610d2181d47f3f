using Orchestra.Sync;
using Orchestra.Sync.Store;

namespace Orchestra.TestKit.Stores;

/// <summary>
/// A device as the pages leave it: applies what it is given by the rules of docs/protocol.md and
/// refuses what breaks them.
/// </summary>
public sealed class ReplayedDevice(Cursor start)
{
    private readonly SortedDictionary<string, PageEntry> rows = new(StringComparer.Ordinal);

    public Cursor Cursor { get; private set; } = start;

    /// <summary>Where each page ended.</summary>
    public List<long> Ends { get; } = [];

    public int LiveRows => rows.Values.Count(row => row.Present);

    public ulong Digest =>
        rows
            .Values.Where(row => row.Present)
            .Aggregate(
                0UL,
                (digest, row) => digest ^ Sync.Decisions.Digest.Of(row.Row.Id, row.Version)
            );

    /// <summary>Every live row in one text, to compare devices by.</summary>
    public string Contents =>
        string.Join('\n', rows.Values.Where(row => row.Present).Select(Describe));

    /// <summary>Starts with a row that the device has from before.</summary>
    public void Hold(Row row) =>
        rows[row.Key.ToString()] = new(
            row.Version,
            row.Key,
            row.IsLive,
            row.Fields,
            row.Stamp.Device,
            row.Stamp.EditedAt,
            null,
            null
        );

    /// <summary>Pulls until the head.</summary>
    public async Task FollowAsync(
        ISyncStore store,
        OwnerId owner,
        int maxEntries = Limits.PageEntries,
        int maxBytes = Limits.FrameBytes
    )
    {
        for (var more = true; more; )
        {
            var query = new ReadQuery(owner, Cursor, maxEntries, maxBytes, null);
            var outcome = await store.ReadAsync(query, CancellationToken.None);
            Invariant.Require(outcome.Page is not null);
            Apply(outcome.Page);
            more = outcome.Page.More;
        }
    }

    public void Apply(ChangesPage page)
    {
        Invariant.Require(page.From == Cursor.Version);
        Invariant.Require(page.To > page.From || !page.More);
        var version = page.From;
        foreach (var entry in page.Entries)
        {
            Invariant.Require(entry.Version > version && entry.Version <= page.To);
            version = entry.Version;
            Apply(entry, isWhole: page.Floor is not null);
        }
        Ends.Add(page.To);
        Cursor = new Cursor(page.Epoch, page.To, page.Mark, page.More ? page.Floor : null);
        if (page.Digest is { } digest)
            Invariant.Require(digest == Digest && page.Rows == LiveRows);
    }

    private void Apply(PageEntry entry, bool isWhole)
    {
        var key = entry.Row.ToString();
        var fields = new Dictionary<string, FieldValue>(entry.Fields);
        if (!isWhole && rows.TryGetValue(key, out var held) && held.Present && entry.Present)
            foreach (var (name, value) in held.Fields)
                fields.TryAdd(name, value);
        rows[key] = entry with { Fields = fields };
    }

    private static string Describe(PageEntry row)
    {
        var fields = row
            .Fields.Where(pair => !pair.Value.IsNull)
            .OrderBy(pair => pair.Key, StringComparer.Ordinal)
            .Select(pair => $"{pair.Key}={pair.Value.Kind}:{pair.Value}");
        return $"{row.Row} {row.Version} {row.Device} {Timestamps.Write(row.EditedAt)} "
            + string.Join(", ", fields);
    }
}
