using Orchestra.Sync;
using Orchestra.TestKit.Simulation.Devices;

namespace Orchestra.TestKit.Simulation.Checkers;

/// <summary>
/// P9: who won follows from stamps and from who knew what. Computed from the log and from what the
/// devices sent, without the code that decides.
/// </summary>
internal static class Winners
{
    public static IEnumerable<string> Check(Evidence evidence) =>
        evidence.Histories().SelectMany(history => Check(history, evidence.Seen));

    private static IEnumerable<string> Check(IReadOnlyList<LogEntry> history, Observations seen)
    {
        var newest = history[0];
        for (var i = 0; i < history.Count; i++)
        {
            var entry = history[i];
            if (entry.Stamp > newest.Stamp)
                newest = entry;
            if ((entry.Op == LogOp.Delete) != (newest.Op == LogOp.Delete))
                yield return $"P9 presence after version {entry.Version} is not the newest write's";
            if (!seen.Sent.TryGetValue(entry.Change, out var sent) || entry.RootVersion is not null)
                continue;
            // What a device knew under its former name is its own affair.
            if (seen.Renewed.Contains(entry.Stamp.Device))
                continue;
            if (sent.Change.Op is ChangeOp.Offer or ChangeOp.OfferDelete)
                continue;
            // Where the log no longer tells, the row's newest stamp stood in for it.
            if (
                seen.Dropped.Any(log =>
                    entry.Version > log.Head && history[0].Version <= log.Horizon
                )
            )
                continue;
            foreach (var violation in CheckEntry(history, i, sent))
                yield return violation;
        }
    }

    private static IEnumerable<string> CheckEntry(
        IReadOnlyList<LogEntry> history,
        int at,
        SentEdit sent
    )
    {
        var entry = history[at];
        var won = Won(entry);
        var earlier = history.Take(at).ToList();
        var known = earlier.Find(other => other.Version == sent.Change.Base);
        if (known is not null && entry.Stamp.EditedAt <= known.RowEditedAt)
            yield return $"P9 version {entry.Version} is not later than its base {known.Version}";
        foreach (var field in sent.Change.Fields?.Keys.ToList() ?? [])
        {
            var newestUnknown = earlier
                .Where(other => Won(other).Contains(field) && !Knows(entry, sent, known, other))
                .Select(other => (Stamp?)other.Stamp)
                .Max();
            var shouldWin = newestUnknown is null || entry.Stamp > newestUnknown;
            if (shouldWin != won.Contains(field))
                yield return $"P9 {entry.Row}.{field}: version {entry.Version} should "
                    + $"{(shouldWin ? "" : "not ")}have won";
        }
    }

    /// <summary>A base that the row's history does not have counts as none.</summary>
    private static bool Knows(LogEntry entry, SentEdit sent, LogEntry? known, LogEntry other) =>
        (known is not null && other.Version <= known.Version)
        || (other.Stamp.Device == sent.Device && other.Stamp.Seq < entry.Stamp.Seq);

    private static IReadOnlyCollection<string> Won(LogEntry entry) =>
        entry.Won ?? [.. entry.Fields.Keys];
}
