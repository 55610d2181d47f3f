using Orchestra.Sync;

namespace Orchestra.TestKit.Simulation.Checkers;

/// <summary>
/// P3, P4 and P19: what was acknowledged is in the log, each change once, with the same answer
/// whoever asks how often; and nothing is refused but for what it refers to.
/// </summary>
internal static class Acknowledgements
{
    private static readonly string[] Reasons =
    [
        "parent_missing",
        "row_gone",
        "transaction_rejected",
    ];

    public static IEnumerable<string> Check(Evidence evidence)
    {
        var log = evidence
            .Stored.Log.Where(entry =>
                entry.RootVersion is null && entry.Stamp.Device != DeviceId.Server
            )
            .ToLookup(entry => entry.Change);
        foreach (var entries in log.Where(entries => entries.Count() > 1))
            yield return $"P4 change {entries.Key} took effect "
                + string.Join(" and ", entries.Select(entry => entry.Version));
        foreach (var verdict in evidence.Seen.Verdicts)
        {
            if (!evidence.Seen.Stands(verdict.Epoch, verdict.Version ?? 0))
                continue;
            if (verdict.Code is { } code && !Reasons.Contains(code))
                yield return $"P19 change {verdict.Change} was refused with {code}";
            if (
                verdict.Version is { } version
                && log[verdict.Change].All(e => e.Version != version)
            )
                yield return $"P3 change {verdict.Change} was acknowledged as {version} and is not there";
            if (verdict.Status == ChangeStatus.Rejected && log[verdict.Change].Any())
                yield return $"P4 change {verdict.Change} was rejected and is there";
        }
        foreach (var repeated in evidence.Seen.Verdicts.GroupBy(v => (v.Change, v.Epoch)))
            if (repeated.Select(v => (v.Status, v.Version)).Distinct().Count() > 1)
                yield return $"P4 change {repeated.Key.Change} got different answers";
    }
}
