using Orchestra.Sync.Store;

namespace Orchestra.Sync.Reading;

/// <summary>
/// Makes a page of log entries: never ends inside a transaction, and several entries of one row
/// become one that carries the union of what they wrote.
/// </summary>
public sealed class LogPage
{
    private readonly ReadQuery query;
    private readonly PageBudget budget;
    private readonly List<LogEntry> entries = [];
    private int lastBoundary;

    public LogPage(ReadQuery query)
    {
        this.query = query;
        budget = new PageBudget(query.MaxEntries, query.MaxBytes);
    }

    /// <summary>Takes the next entry of the log, in version order without a gap.</summary>
    /// <returns>Whether the page can take another.</returns>
    public bool Add(LogEntry entry)
    {
        Invariant.Require(entry.Version == query.Cursor.Version + entries.Count + 1);
        entries.Add(entry);
        budget.Spend(entry.Fields);
        if (entry.TxEnd is null || entry.TxEnd == entry.Version)
            lastBoundary = entries.Count;
        // A transaction that alone is larger than a page is still delivered whole.
        return !budget.IsFull || lastBoundary == 0;
    }

    /// <param name="head">Of the snapshot that the entries came from.</param>
    /// <param name="markAtCursor">The change id at the cursor, for a page without entries.</param>
    public ChangesPage Build(OwnerHead head, ChangeId? markAtCursor)
    {
        entries.RemoveRange(lastBoundary, entries.Count - lastBoundary);
        var to = query.Cursor.Version + entries.Count;
        var mark = entries.Count == 0 ? markAtCursor : entries[^1].Change;
        return Of(head, query.Cursor.Version, to, mark, Fold(entries, query.Entities));
    }

    /// <summary>The page that a commit makes: everything it wrote, unfolded.</summary>
    public static ChangesPage OfCommit(OwnerHead head, IReadOnlyList<LogEntry> log) =>
        Of(
            head,
            log[0].Version - 1,
            log[^1].Version,
            log[^1].Change,
            [.. log.Select(entry => Deliver(entry))]
        );

    private static ChangesPage Of(
        OwnerHead head,
        long from,
        long to,
        ChangeId? mark,
        IReadOnlyList<PageEntry> entries
    )
    {
        var atHead = to == head.Version;
        return new(
            head.Epoch,
            from,
            to,
            mark,
            More: !atHead,
            Floor: null,
            atHead ? head.Digest : null,
            atHead ? head.Rows : null,
            head.Version,
            entries
        );
    }

    private static List<PageEntry> Fold(List<LogEntry> log, IReadOnlyList<string>? entities)
    {
        var folded = new List<PageEntry>(log.Count);
        var places = new Dictionary<RowKey, int>(log.Count);
        foreach (var entry in log)
        {
            if (entities is not null && !entities.Contains(entry.Row.Entity))
                continue;
            // A revival stays apart from the deletion before it: a device that still has the row
            // would otherwise lay the new life over the old one, whose other fields would stay.
            if (entry.Op != LogOp.Revive && places.TryGetValue(entry.Row, out var place))
            {
                folded[place] = Merge(folded[place], entry);
                continue;
            }
            places[entry.Row] = folded.Count;
            folded.Add(Deliver(entry));
        }
        return [.. folded.OrderBy(entry => entry.Version)];
    }

    private static PageEntry Merge(PageEntry earlier, LogEntry entry)
    {
        var later = Deliver(entry) with { Seq = null, Change = null };
        // Of an absent row nothing is left to add to.
        if (entry.Op == LogOp.Delete || !earlier.Present)
            return later;
        var fields = new Dictionary<string, FieldValue>(earlier.Fields);
        foreach (var (name, value) in entry.Fields)
            fields[name] = value;
        return later with { Fields = fields };
    }

    private static PageEntry Deliver(LogEntry entry)
    {
        var isOwnChange = entry.RootVersion is null && entry.Stamp.Device != DeviceId.Server;
        return new(
            entry.Version,
            entry.Row,
            entry.Op != LogOp.Delete,
            entry.Op == LogOp.Delete ? Change.NoFields : entry.Fields,
            entry.Stamp.Device,
            entry.Stamp.EditedAt,
            isOwnChange ? entry.Stamp.Seq : null,
            isOwnChange ? entry.Change : null
        );
    }
}
