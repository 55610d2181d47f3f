using Orchestra.Sync.Store;

namespace Orchestra.Sync.Decisions;

/// <summary>
/// A row with as much of its history as a decision can need. That can be tens of thousands of writes,
/// and a push can have hundreds of changes of the row, so what a change asks is kept up to date instead
/// of being found anew.
/// </summary>
public sealed class RowPast
{
    private readonly List<PastWrite> writes;
    private readonly (long Version, DateTimeOffset EditedAt)? atLoad;
    private readonly bool isLogComplete;
    private Dictionary<string, PastWrite>? newest;

    /// <param name="row">The row as loaded; null if there is neither row nor tombstone.</param>
    /// <param name="writes">What the log has of it, see <see cref="RowSet.Writes"/>.</param>
    /// <param name="isLogComplete">Whether the log still has every write of the row.</param>
    public RowPast(Row? row, IEnumerable<PastWrite> writes, bool isLogComplete)
    {
        Row = row;
        this.writes = [.. writes];
        this.isLogComplete = isLogComplete;
        if (row is not null)
            atLoad = (row.Version, row.Stamp.EditedAt);
    }

    /// <summary>There is neither row nor tombstone, so there is no history either.</summary>
    public static RowPast OfNoRow() => new(null, [], isLogComplete: true);

    /// <summary>The row as the batch has left it so far.</summary>
    public Row? Row { get; private set; }

    /// <summary>Every write at hand, in version order.</summary>
    public IReadOnlyList<PastWrite> Writes => writes;

    /// <summary>A later write of the same batch.</summary>
    public void Append(Row after, PastWrite write)
    {
        Row = after;
        writes.Add(write);
        if (newest is not null)
            Note(write);
    }

    /// <summary>Takes back what was appended.</summary>
    /// <param name="before">The row as it was.</param>
    /// <param name="count">How many writes it had.</param>
    public void CutTo(Row? before, int count)
    {
        Row = before;
        writes.RemoveRange(count, writes.Count - count);
        newest = null;
    }

    /// <summary>For each field, its write with the greatest stamp.</summary>
    internal IReadOnlyDictionary<string, PastWrite> NewestWrites()
    {
        if (newest is null)
        {
            newest = [];
            foreach (var write in writes)
                Note(write);
        }
        return newest;
    }

    /// <summary>Splits the past into what a change knew and what it did not.</summary>
    internal KnownPast KnownTo(CheckedChange change, Knowledge knowledge)
    {
        if (Row is null)
            return KnownPast.OfNothing(this);
        if (knowledge.IsServer || (!change.IsOffer && change.Sent.Base == Row.Version))
            return KnownPast.OfEverything(this, Row.Stamp.EditedAt);

        var knownUpTo = change.IsOffer ? null : TimeAt(change.Sent.Base);
        var knownVersion = knownUpTo is null ? 0 : change.Sent.Base;
        var own = change.IsOffer ? Knowledge.OfNothing : knowledge;
        var newestTime = knownUpTo;
        var hasUnknown = false;
        foreach (var write in writes)
        {
            if (!own.Includes(write.Stamp))
                hasUnknown |= write.Version > knownVersion;
            else if (!(newestTime >= write.Stamp.EditedAt))
                newestTime = write.Stamp.EditedAt;
        }
        // A field that the log no longer tells about counts as written with the newest stamp.
        var rowIsOwn = own.Includes(Row.Stamp);
        if (rowIsOwn && !(newestTime >= Row.Stamp.EditedAt))
            newestTime = Row.Stamp.EditedAt;
        var assumed = knownVersion == 0 && !isLogComplete && !rowIsOwn ? Row.Stamp : (Stamp?)null;
        return new(this, newestTime, knownVersion, own, hasUnknown, assumed);
    }

    private void Note(PastWrite write)
    {
        foreach (var field in write.Won)
            if (!newest!.TryGetValue(field, out var winner) || write.Stamp > winner.Stamp)
                newest[field] = write;
    }

    /// <summary>The newest time in the row's stamps as of a version of it; null if unknown.</summary>
    private DateTimeOffset? TimeAt(long version)
    {
        if (version == 0)
            return null;
        if (version == atLoad?.Version)
            return atLoad.Value.EditedAt;
        var (low, high) = (0, writes.Count - 1);
        while (low <= high)
        {
            var middle = (low + high) / 2;
            if (writes[middle].Version == version)
                return writes[middle].RowEditedAt;
            if (writes[middle].Version < version)
                low = middle + 1;
            else
                high = middle - 1;
        }
        return null;
    }
}

/// <summary>A row's past as one change sees it.</summary>
/// <param name="Past">The past.</param>
/// <param name="NewestTime">The newest time in any stamp it knows of; null = it knows of none.</param>
/// <param name="KnownVersion">It knows every write up to this version.</param>
/// <param name="Own">And these.</param>
/// <param name="HasUnknown">Whether there are others: they are concurrent.</param>
/// <param name="Assumed">The stamp of fields whose writes are gone, unless known.</param>
internal readonly record struct KnownPast(
    RowPast Past,
    DateTimeOffset? NewestTime,
    long KnownVersion,
    Knowledge Own,
    bool HasUnknown,
    Stamp? Assumed
)
{
    public static KnownPast OfNothing(RowPast past) =>
        new(past, null, 0, Knowledge.OfNothing, false, null);

    public static KnownPast OfEverything(RowPast past, DateTimeOffset newestTime) =>
        new(past, newestTime, long.MaxValue, Knowledge.OfNothing, false, null);

    public bool IsUnknown(PastWrite write) =>
        write.Version > KnownVersion && !Own.Includes(write.Stamp);

    /// <summary>Whether there is anything that the change could lose a field to.</summary>
    public bool IsContested => HasUnknown || Assumed is not null;

    /// <summary>
    /// The stamp that a write of a field must beat: of the newest one, if that is concurrent. Where a
    /// known one is the newest, a change beats it and all others, for its stamp was raised above it.
    /// </summary>
    public Stamp? StampToBeat(string field)
    {
        if (!Past.NewestWrites().TryGetValue(field, out var write))
            return Assumed;
        return IsUnknown(write) ? write.Stamp : null;
    }

    /// <summary>The concurrent write whose value a field has; null if a known one has it.</summary>
    public PastWrite? UnknownWinner(string field) =>
        Past.NewestWrites().TryGetValue(field, out var write) && IsUnknown(write) ? write : null;

    /// <summary>Concurrent writes with the fields whose values are theirs, in version order.</summary>
    public IEnumerable<(PastWrite Write, IReadOnlyList<string> Fields)> UnknownWinners()
    {
        var known = this;
        return from pair in Past.NewestWrites()
            where known.IsUnknown(pair.Value)
            group pair.Key by pair.Value into write
            orderby write.Key.Version
            select (write.Key, (IReadOnlyList<string>)[.. write.Order(StringComparer.Ordinal)]);
    }
}
