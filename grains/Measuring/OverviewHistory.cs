using Orchestra.Grains.Interfaces;

namespace Orchestra.Grains.Measuring;

/// <summary>
/// The last hour, added up over the processes, and the last report of each. One caller at a time.
/// </summary>
public sealed class OverviewHistory(TimeProvider time)
{
    /// <summary>An hour.</summary>
    public const int MostMoments = 720;

    /// <summary>Beyond these, whoever reports for the first time is not kept.</summary>
    public const int MostProcesses = 1_000;

    /// <summary>Whoever has missed two reports is silent, and what he measured counts no more.</summary>
    public static readonly TimeSpan Silence = 3 * ClusterOverview.Step;

    /// <summary>Whoever has been silent for that long is forgotten.</summary>
    public static readonly TimeSpan Memory = TimeSpan.FromMinutes(10);

    private readonly Dictionary<string, Known> processes = [];
    private readonly Queue<Moment> moments = [];
    private Dictionary<string, double> grown = [];
    private long current = NumberAt(time.GetUtcNow());

    public void Add(ProcessReport report)
    {
        Advance();
        var known = processes.GetValueOrDefault(report.Process);
        if (known is null && processes.Count == MostProcesses)
            return;
        var totals = report
            .Samples.Where(sample => sample.IsTotal)
            .ToDictionary(sample => sample.Name, sample => sample.Value);
        var before =
            known?.Report.StartedAt == report.StartedAt && known.Totals is { } last ? last
            : known?.Totals is not null || time.GetUtcNow() - report.StartedAt < Silence ? []
            // It counted before anybody listened, nobody knows when.
            : totals;
        foreach (var (name, value) in totals)
            if (value - before.GetValueOrDefault(name) is > 0 and var growth)
                grown[name] = grown.GetValueOrDefault(name) + growth;
        processes[report.Process] = new(report, totals, time.GetTimestamp());
    }

    /// <summary>
    /// Those that somebody else had heard of: they have one report's time to say that they are there, and
    /// are silent if they do not.
    /// </summary>
    public void Expect(IReadOnlyList<RosterEntry> others)
    {
        var heardAt = time.GetTimestamp() - Ticks(Silence - (1.5 * ClusterOverview.Step));
        foreach (var other in others)
            processes.TryAdd(
                other.Process,
                new(
                    new(other.Process, other.Roles, other.Version, other.StartedAt, []),
                    null,
                    heardAt
                )
            );
    }

    /// <summary>Those that would be missed.</summary>
    public IReadOnlyList<RosterEntry> Roster() =>
        [
            .. processes
                .Values.Select(known => known.Report)
                .Where(report => !IsLeaving(report))
                .OrderBy(report => report.Process, StringComparer.Ordinal)
                .Select(report => new RosterEntry(
                    report.Process,
                    report.Roles,
                    report.Version,
                    report.StartedAt
                )),
        ];

    public ClusterOverview Read(long after)
    {
        Advance();
        return new(
            time.GetUtcNow(),
            [
                .. processes
                    .Values.OrderBy(known => known.Report.Process, StringComparer.Ordinal)
                    .Select(known => new ProcessState(known.Report, SilenceOf(known))),
            ],
            [.. moments.SkipWhile(moment => moment.Number <= after)]
        );
    }

    /// <summary>Ends the moment if it is over. A clock that was set back lets it last longer.</summary>
    private void Advance()
    {
        var now = NumberAt(time.GetUtcNow());
        if (now <= current)
            return;
        foreach (var (name, known) in processes)
            if (SilenceOf(known) >= Memory)
                processes.Remove(name);
        var values = grown;
        grown = [];
        foreach (var known in processes.Values)
            if (SilenceOf(known) < Silence)
                foreach (var sample in known.Report.Samples)
                    if (!sample.IsTotal && sample.Value != 0)
                        values[sample.Name] = values.GetValueOrDefault(sample.Name) + sample.Value;
        moments.Enqueue(new(current, values));
        if (moments.Count > MostMoments)
            moments.Dequeue();
        current = now;
    }

    private static long NumberAt(DateTimeOffset at) => at.UtcTicks / ClusterOverview.Step.Ticks;

    private TimeSpan SilenceOf(Known known) => time.GetElapsedTime(known.HeardAt);

    private long Ticks(TimeSpan span) => (long)(span.TotalSeconds * time.TimestampFrequency);

    private static bool IsLeaving(ProcessReport report) =>
        report.Samples.Contains(new("orchestra.draining", 1, IsTotal: false));

    /// <param name="Totals">What it had counted; null if it was only heard of.</param>
    private sealed record Known(
        ProcessReport Report,
        Dictionary<string, double>? Totals,
        long HeardAt
    );
}
