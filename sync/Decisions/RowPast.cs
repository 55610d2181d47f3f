using Orchestra.Sync.Store;

namespace Orchestra.Sync.Decisions;

/// <summary>A row with as much of its history as a decision can need.</summary>
public sealed class RowPast
{
    private readonly List<PastWrite> writes;
    private readonly (long Version, DateTimeOffset EditedAt)? atLoad;
    private readonly bool isLogComplete;

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

    private RowPast(RowPast other)
    {
        Row = other.Row;
        writes = [.. other.writes];
        atLoad = other.atLoad;
        isLogComplete = other.isLogComplete;
    }

    /// <summary>There is neither row nor tombstone, so there is no history either.</summary>
    public static RowPast OfNoRow() => new(null, [], isLogComplete: true);

    /// <summary>The row as the batch has left it so far.</summary>
    public Row? Row { get; private set; }

    public RowPast Copy() => new(this);

    /// <summary>A later write of the same batch.</summary>
    public void Append(Row after, PastWrite write)
    {
        Row = after;
        writes.Add(write);
    }

    /// <summary>Splits the past into what a change knew and what it did not.</summary>
    internal KnownPast KnownTo(CheckedChange change, Knowledge knowledge)
    {
        if (Row is null)
            return KnownPast.Nothing;
        if (knowledge.IsServer || (!change.IsOffer && change.Sent.Base == Row.Version))
            return KnownPast.Everything(Row, writes);

        var knownUpTo = change.IsOffer ? null : TimeAt(change.Sent.Base);
        var knownVersion = knownUpTo is null ? 0 : change.Sent.Base;
        var newest = knownUpTo;
        var unknown = new List<PastWrite>();
        foreach (var write in writes)
        {
            var isOwn = !change.IsOffer && knowledge.Includes(write.Stamp);
            if (write.Version > knownVersion && !isOwn)
                unknown.Add(write);
            else if (isOwn && !(newest >= write.Stamp.EditedAt))
                newest = write.Stamp.EditedAt;
        }
        // A field that the log no longer tells about counts as written with the newest stamp.
        var rowIsOwn = !change.IsOffer && knowledge.Includes(Row.Stamp);
        if (rowIsOwn && !(newest >= Row.Stamp.EditedAt))
            newest = Row.Stamp.EditedAt;
        var assumed = knownVersion == 0 && !isLogComplete && !rowIsOwn ? Row.Stamp : (Stamp?)null;
        return new(newest, writes, unknown, assumed);
    }

    /// <summary>The newest time in the row's stamps as of a version of it; null if unknown.</summary>
    private DateTimeOffset? TimeAt(long version)
    {
        if (version == 0)
            return null;
        if (version == atLoad?.Version)
            return atLoad.Value.EditedAt;
        return writes.Find(write => write.Version == version)?.RowEditedAt;
    }
}

/// <summary>A row's past as one change sees it.</summary>
/// <param name="NewestTime">The newest time in any stamp it knows of; null = it knows of none.</param>
/// <param name="All">Every write at hand.</param>
/// <param name="Unknown">Those it does not know: they are concurrent.</param>
/// <param name="Assumed">The stamp of fields whose writes are gone, unless known.</param>
internal sealed record KnownPast(
    DateTimeOffset? NewestTime,
    IReadOnlyList<PastWrite> All,
    IReadOnlyList<PastWrite> Unknown,
    Stamp? Assumed
)
{
    public static readonly KnownPast Nothing = new(null, [], [], null);

    private Dictionary<string, PastWrite>? unknownWinners;

    public static KnownPast Everything(Row row, IReadOnlyList<PastWrite> all) =>
        new(row.Stamp.EditedAt, all, [], null);

    /// <summary>The newest stamp of a concurrent write of a field; null if there is none.</summary>
    public Stamp? NewestUnknownStamp(string field)
    {
        Stamp? newest = null;
        foreach (var write in Unknown)
            if (write.Won.Contains(field) && !(newest >= write.Stamp))
                newest = write.Stamp;
        return newest is null && !All.Any(write => write.Won.Contains(field)) ? Assumed : newest;
    }

    /// <summary>The concurrent write whose value a field has; null if a known one has it.</summary>
    public PastWrite? UnknownWinner(string field) =>
        (unknownWinners ??= FindUnknownWinners()).GetValueOrDefault(field);

    /// <summary>In one pass: a row may have been written thousands of times.</summary>
    private Dictionary<string, PastWrite> FindUnknownWinners()
    {
        var winners = new Dictionary<string, PastWrite>();
        foreach (var write in All)
        foreach (var field in write.Won)
            if (!winners.TryGetValue(field, out var winner) || write.Stamp > winner.Stamp)
                winners[field] = write;
        var unknown = new HashSet<PastWrite>(Unknown, ReferenceEqualityComparer.Instance);
        return winners.Where(pair => unknown.Contains(pair.Value)).ToDictionary();
    }
}
