using Orchestra.Sync.Store;

namespace Orchestra.Sync.Reading;

/// <summary>What a cursor calls for: exactly one of the three.</summary>
/// <param name="Reset">The cursor cannot be continued.</param>
/// <param name="LogSince">Log entries above this version.</param>
/// <param name="Rows">Current rows.</param>
public sealed record ReadPlan(Reset? Reset, long? LogSince, RowRange? Rows)
{
    /// <summary>Decides by the rules of docs/protocol.md, Frames and Reset.</summary>
    /// <param name="head">The owner's counters, in the snapshot that will be read.</param>
    /// <param name="epochs">The owner's restores.</param>
    /// <param name="cursor">Where the device says it is; no part negative.</param>
    /// <param name="markInLog">The change id the log has at the cursor's version, if it still has.</param>
    public static ReadPlan For(
        OwnerHead head,
        IReadOnlyCollection<EpochStart> epochs,
        Cursor cursor,
        ChangeId? markInLog
    )
    {
        if (cursor is { Version: 0, Floor: null })
            return OfRows(0, head.Version);
        if (cursor.Epoch != head.Epoch)
            return OfReset(head, Kept(epochs, cursor.Epoch), ResetReason.EpochChanged);
        var complete = Math.Max(cursor.Version, cursor.Floor ?? 0);
        if (
            complete > head.Version
            || (cursor.Mark is not null && markInLog is not null && cursor.Mark != markInLog)
        )
            return OfReset(head, 0, ResetReason.HistoryDiffers);
        if (complete < head.TombstoneHorizon)
            return OfReset(head, head.Version, ResetReason.TombstonesCollected);
        if (cursor.Floor is { } floor)
            return OfRows(cursor.Version, floor);
        return cursor.Version < head.LogHorizon
            ? OfRows(cursor.Version, cursor.Version)
            : new(null, cursor.Version, null);
    }

    private static ReadPlan OfRows(long after, long floor) => new(null, null, new(after, floor));

    private static ReadPlan OfReset(OwnerHead head, long kept, ResetReason reason) =>
        new(new Reset(head.Epoch, kept, reason), null, null);

    /// <summary>What still stands of an older epoch's history after every restore since.</summary>
    private static long Kept(IReadOnlyCollection<EpochStart> epochs, long epoch) =>
        epochs
            .Where(start => start.Epoch > epoch)
            .Select(start => start.Kept)
            .DefaultIfEmpty(0)
            .Min();
}

/// <param name="After">Rows whose version is above this, in version order.</param>
/// <param name="Floor">Of tombstones, only those above this.</param>
public readonly record struct RowRange(long After, long Floor);
