using Orchestra.Sync;
using Orchestra.Sync.Store;

namespace Orchestra.TestKit.Simulation.Checkers;

/// <summary>P13: a cursor that does not belong here is told so.</summary>
internal static class StrangeCursors
{
    public static IEnumerable<string> Check(Evidence evidence)
    {
        var head = evidence.Stored.Head;
        var strange = new List<(Cursor Cursor, ResetReason Reason)>
        {
            (new(head.Epoch, head.Version + 1, null, null), ResetReason.HistoryDiffers),
            (new(1, head.Version, null, null), ResetReason.EpochChanged),
        };
        // Where the log no longer has the change, any mark is as good as none.
        if (head.LogHorizon < head.Version)
            strange.Add(
                (
                    new(head.Epoch, head.Version, new(Guid.AllBitsSet), null),
                    ResetReason.HistoryDiffers
                )
            );
        if (head.TombstoneHorizon > 1)
            strange.Add(
                (
                    new(head.Epoch, head.TombstoneHorizon - 1, null, null),
                    ResetReason.TombstonesCollected
                )
            );
        foreach (var (cursor, reason) in strange)
        {
            var outcome = evidence.Read(new ReadQuery(evidence.Owner, cursor, 100, 10_000, null));
            if (outcome.Reset?.Reason != reason)
                yield return $"P13 the cursor {cursor.Epoch}/{cursor.Version} is taken for good";
        }
    }
}
