using Orchestra.Sync;

namespace Orchestra.TestKit.Simulation.Checkers;

/// <summary>P11: a deleted row comes back only by a write that is later than all before it.</summary>
internal static class Deletions
{
    public static IEnumerable<string> Check(Evidence evidence)
    {
        foreach (var history in evidence.Histories())
            for (var i = 1; i < history.Count; i++)
            {
                if (history[i - 1].Op != LogOp.Delete || history[i].Op == LogOp.Delete)
                    continue;
                if (history[i].Op != LogOp.Revive)
                    yield return $"P11 {history[i].Row} came back without a word";
                else if (history.Take(i).Any(entry => entry.Stamp > history[i].Stamp))
                    yield return $"P11 {history[i].Row} came back by an older write";
            }
    }
}
