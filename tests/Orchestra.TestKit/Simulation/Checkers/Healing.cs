using Orchestra.Sync;

namespace Orchestra.TestKit.Simulation.Checkers;

/// <summary>
/// P21: what a restored store had lost and some device still had is there again, unless it could
/// not come back because what it belongs to is deleted.
/// </summary>
internal static class Healing
{
    public static IEnumerable<string> Check(Evidence evidence)
    {
        var known = evidence.Stored.Log.Select(entry => entry.Row).ToHashSet();
        known.UnionWith(evidence.Seen.Collected.Select(gone => gone.Row));
        var orphans = evidence
            .Seen.Verdicts.Where(verdict => verdict.Code == "parent_missing")
            .Select(verdict => evidence.Seen.Sent[verdict.Change].Change)
            .Select(change => $"{change.Entity}/{change.Id}")
            .ToHashSet();
        foreach (var restored in evidence.Seen.Restores)
        foreach (var row in restored.Held)
            if (!known.Contains(row) && !orphans.Contains(row.ToString()))
                yield return $"P21 {row} was on a device and is lost";
    }
}
