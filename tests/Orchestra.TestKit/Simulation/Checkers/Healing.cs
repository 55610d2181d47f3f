using Orchestra.Sync;

namespace Orchestra.TestKit.Simulation.Checkers;

/// <summary>
/// P21: what a restored store had lost and some device still had is there again, unless it could
/// not come back because what it belongs to is deleted, or because its deletion was still under way
/// to the device that had it.
/// </summary>
internal static class Healing
{
    public static IEnumerable<string> Check(Evidence evidence)
    {
        var known = evidence.Stored.Log.Select(entry => entry.Row).ToHashSet();
        known.UnionWith(evidence.Seen.Collected.Select(gone => gone.Row));
        var excused = evidence
            .Seen.Verdicts.Where(verdict => verdict.Code is "parent_missing" or "row_gone")
            .Select(verdict => (verdict.Code, evidence.Seen.Sent[verdict.Change].Change))
            .Where(pair => pair.Code == "parent_missing" || pair.Change.Op == ChangeOp.OfferDelete)
            .Select(pair => $"{pair.Change.Entity}/{pair.Change.Id}")
            .ToHashSet();
        foreach (var restored in evidence.Seen.Restores)
        foreach (var row in restored.Held)
            if (!known.Contains(row) && !excused.Contains(row.ToString()))
                yield return $"P21 {row} was on a device and is lost";
    }
}
