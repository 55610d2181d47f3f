using Orchestra.Sync.Store;

namespace Orchestra.Sync.Reading;

/// <summary>
/// Gathers a page of conflicts: as many as were asked for, unless they have more bytes than a frame.
/// What was refused is kept as it was sent, and may be long.
/// </summary>
/// <param name="limit">How many at most, 1 or more.</param>
public sealed class ConflictPageBuilder(int limit)
{
    /// <summary>Records to read at a time: one alone may have as many bytes as a frame.</summary>
    public const int Chunk = 16;

    private readonly List<Conflict> conflicts = [];
    private ConflictPosition last;
    private long bytes;

    /// <returns>False if it has no room: the page has ended before this one.</returns>
    public bool Add(ConflictPosition at, Conflict conflict)
    {
        var size = EntrySize.Of(conflict.Fields);
        if (conflicts.Count == limit || (conflicts.Count > 0 && bytes + size > Limits.FrameBytes))
            return false;
        conflicts.Add(conflict);
        (last, bytes) = (at, bytes + size);
        return true;
    }

    /// <param name="isEnd">Whether there are no more.</param>
    public ConflictPage Build(bool isEnd) => new(conflicts, isEnd ? null : last);
}
