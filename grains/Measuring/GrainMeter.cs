using System.Diagnostics.Metrics;
using Orchestra.Sync;
using Orchestra.Sync.Errors;
using Orchestra.Sync.Store;

namespace Orchestra.Grains.Measuring;

/// <summary>
/// What happens to owners on this silo, since the process began. A tag is one of a few words, and never
/// says who.
/// </summary>
public static class GrainMeter
{
    /// <summary>The meter that has them.</summary>
    public const string Name = "Orchestra.Grains";

    /// <summary>Queues that may be full, see <see cref="Overload"/>.</summary>
    internal const string OwnerQueue = "owner";
    internal const string StoreQueue = "store";
    internal const string LaneQueue = "lane";
    internal const string FenceQueue = "fence";

    /// <summary>Kinds of work that is done from time to time, and how a run of it ended.</summary>
    internal const string Maintenance = "maintenance";
    internal const string Contents = "contents";
    internal const string Done = "done";
    internal const string Failed = "failed";

    private static readonly Meter Meter = new(Name);

    private static readonly Counter<long> Conflicts = Count(
        "orchestra.conflicts",
        "{change}",
        "Changes that lost in part or whole, by verdict"
    );

    private static readonly Counter<long> Rejections = Count(
        "orchestra.rejections",
        "{change}",
        "Changes that were refused, by error code"
    );

    private static readonly Counter<long> LostFences = Count(
        "orchestra.fences.lost",
        "{commit}",
        "Commits that were decided anew, by what became of them"
    );

    private static readonly Counter<long> Resets = Count(
        "orchestra.resets",
        "{device}",
        "Devices that had to start anew, by reason"
    );

    private static readonly Counter<long> Overloads = Count(
        "orchestra.overloads",
        "{push}",
        "Pushes that found no room, by queue"
    );

    private static readonly Counter<long> Runs = Count(
        "orchestra.maintenance.runs",
        "{run}",
        "Runs of what is done from time to time, by kind and outcome"
    );

    /// <summary>Owners that are active on this silo.</summary>
    internal static readonly UpDownCounter<long> Owners = Meter.CreateUpDownCounter<long>(
        "orchestra.owners",
        "{owner}",
        "Owners that are active here"
    );

    /// <summary>Commits that are durable, an owner's each.</summary>
    internal static readonly Counter<long> Commits = Count(
        "orchestra.commits",
        "{commit}",
        "Commits that are durable"
    );

    /// <summary>Versions that they gave.</summary>
    internal static readonly Counter<long> Changes = Count(
        "orchestra.changes",
        "{change}",
        "Changes that are durable"
    );

    /// <summary>From the decision to the store's answer, the wait for others included.</summary>
    internal static readonly Histogram<double> CommitDuration = Meter.CreateHistogram(
        "orchestra.commit.duration",
        "s",
        "From a decision to the store's answer",
        advice: new InstrumentAdvice<double>
        {
            HistogramBucketBoundaries =
            [
                0.001,
                0.0025,
                0.005,
                0.01,
                0.025,
                0.05,
                0.1,
                0.25,
                0.5,
                1,
                2.5,
                5,
                10,
            ],
        }
    );

    /// <summary>How many owners shared a transaction.</summary>
    internal static readonly Histogram<int> CommitOwners = Meter.CreateHistogram(
        "orchestra.commit.owners",
        "{owner}",
        "Owners in one transaction",
        advice: new InstrumentAdvice<int>
        {
            HistogramBucketBoundaries = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000],
        }
    );

    /// <summary>
    /// What has not happened yet is 0 and not unknown: who asks how much more there is of it needs
    /// something to begin with.
    /// </summary>
    public static void Begin()
    {
        Commits.Add(0);
        Changes.Add(0);
        Owners.Add(0);
        foreach (var verdict in Enum.GetValues<ConflictVerdict>())
            if (verdict != ConflictVerdict.Rejected)
                Conflict(verdict, 0);
        foreach (var code in Enum.GetValues<ErrorCode>())
            Reject(code, 0);
        foreach (var outcome in Enum.GetValues<CommitOutcome>())
            if (outcome is not (CommitOutcome.Committed or CommitOutcome.Refused))
                LoseFence(outcome, 0);
        foreach (var reason in Enum.GetValues<ResetReason>())
            Reset(reason, 0);
        foreach (var queue in new[] { OwnerQueue, StoreQueue, LaneQueue, FenceQueue })
            Overload(queue, 0);
        foreach (var what in new[] { Maintenance, Contents })
        {
            Run(what, Done, 0);
            Run(what, Failed, 0);
        }
    }

    internal static void Conflict(ConflictVerdict verdict, int count = 1) =>
        Conflicts.Add(count, MeterTag.Of("verdict", EnumNames<ConflictVerdict>.Write(verdict)));

    internal static void Reject(ErrorCode code, int count = 1) =>
        Rejections.Add(count, MeterTag.Of("code", code.Name()));

    internal static void LoseFence(CommitOutcome outcome, int count = 1) =>
        LostFences.Add(count, MeterTag.Of("outcome", EnumNames<CommitOutcome>.Write(outcome)));

    internal static void Reset(ResetReason reason, int count = 1) =>
        Resets.Add(count, MeterTag.Of("reason", EnumNames<ResetReason>.Write(reason)));

    internal static void Overload(string queue, int count = 1) =>
        Overloads.Add(count, MeterTag.Of("queue", queue));

    internal static void Run(string what, string outcome, int count = 1) =>
        Runs.Add(count, MeterTag.Of("what", what), MeterTag.Of("outcome", outcome));

    private static Counter<long> Count(string name, string unit, string description) =>
        Meter.CreateCounter<long>(name, unit, description);
}
