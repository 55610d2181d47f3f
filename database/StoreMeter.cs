using System.Diagnostics.Metrics;
using Orchestra.Sync;

namespace Orchestra.Database;

/// <summary>What goes wrong with what keeps data, counted since the process began.</summary>
public static class StoreMeter
{
    /// <summary>The meter that has them.</summary>
    public const string Name = "Orchestra.Store";

    private static readonly Meter Meter = new(Name);

    private static readonly Counter<long> Failures = Meter.CreateCounter<long>(
        "orchestra.store.failures",
        "{failure}",
        "What PostgreSQL did not do, by kind"
    );

    private static readonly Counter<long> Contents = Meter.CreateCounter<long>(
        "orchestra.contents.failures",
        "{request}",
        "Requests that the store of contents did not serve"
    );

    /// <summary>What has not happened yet is 0 and not unknown.</summary>
    public static void Begin()
    {
        foreach (var kind in Enum.GetValues<StoreFailure>())
            Count(kind, 0);
        CountContents(0);
    }

    internal static void Count(StoreFailure kind, int count = 1) =>
        Failures.Add(count, MeterTag.Of("kind", EnumNames<StoreFailure>.Write(kind)));

    internal static void CountContents(int count = 1) => Contents.Add(count);
}

/// <summary>How PostgreSQL fails.</summary>
internal enum StoreFailure
{
    /// <summary>It cannot be reached now.</summary>
    Unavailable,

    /// <summary>It refused a statement: a right or a table is missing, or there is a defect.</summary>
    Refused,

    /// <summary>This silo's clock is a day or more ahead of it.</summary>
    ClockAhead,

    /// <summary>The connection ended around a commit.</summary>
    CommitUnknown,

    /// <summary>The log had no partition for a month, and one was made.</summary>
    MonthMissing,
}
