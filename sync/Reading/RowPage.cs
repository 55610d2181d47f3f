using Orchestra.Sync.Store;

namespace Orchestra.Sync.Reading;

/// <summary>Makes a page of current rows, for a device that has no use for the history.</summary>
public sealed class RowPage
{
    private readonly ReadQuery query;
    private readonly RowRange range;
    private readonly PageBudget budget;
    private readonly List<PageEntry> entries = [];

    public RowPage(ReadQuery query, RowRange range)
    {
        this.query = query;
        this.range = range;
        budget = new PageBudget(query.MaxEntries, query.MaxBytes);
    }

    /// <summary>Whether the page can take another row; if not, there may be more of them.</summary>
    public bool IsFull => budget.IsFull;

    /// <summary>Takes the next row of the range, in version order.</summary>
    public void Add(Row row)
    {
        Invariant.Require(row.Version > (entries.Count == 0 ? range.After : entries[^1].Version));
        Invariant.Require(row.IsLive || row.Version > range.Floor);
        var fields = row.IsLive ? row.Fields : Change.NoFields;
        budget.Spend(fields);
        entries.Add(
            new(
                row.Version,
                row.Key,
                row.IsLive,
                fields,
                row.Stamp.Device,
                row.Stamp.EditedAt,
                null,
                null
            )
        );
    }

    /// <summary>Where the page ends: at the head, or at its last row if it is full.</summary>
    public long EndsAt(OwnerHead head) => IsFull ? entries[^1].Version : head.Version;

    /// <param name="head">Of the snapshot that the rows came from.</param>
    /// <param name="mark">The change id the log has at <see cref="EndsAt"/>, if it still has.</param>
    public ChangesPage Build(OwnerHead head, ChangeId? mark)
    {
        var to = EndsAt(head);
        var atHead = to == head.Version;
        return new(
            head.Epoch,
            query.Cursor.Version,
            to,
            mark,
            More: !atHead,
            range.Floor,
            atHead ? head.Digest : null,
            // What a device that takes everything has to expect.
            atHead || query.Entities is null
                ? head.Rows
                : null,
            head.Version,
            entries
        );
    }
}
