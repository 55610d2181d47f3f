using System.Globalization;
using Orchestra.Sync;

namespace Orchestra.Database.Postgres;

/// <summary>
/// In which month each version of an owner was committed. A read of the log with bounds on
/// <c>created_at</c> opens the partitions it needs; with bounds on the version it opens all.
/// </summary>
/// <param name="First">The month that <paramref name="Starts"/> begins with, see <see cref="NumberOf"/>.</param>
/// <param name="Starts">For each month from then on: the first version given in or after it.</param>
internal sealed record LogMonths(int First, long[] Starts)
{
    /// <summary>A month as one number: year × 12 + month − 1, in UTC.</summary>
    public static int NumberOf(DateTimeOffset time) =>
        (time.UtcDateTime.Year * 12) + time.UtcDateTime.Month - 1;

    /// <summary>The month of a partition, which is called sync_log_YYYY_MM.</summary>
    public static int OfPartition(string name) =>
        (int.Parse(name.AsSpan(9, 4), NumberStyles.None, CultureInfo.InvariantCulture) * 12)
        + int.Parse(name.AsSpan(14, 2), NumberStyles.None, CultureInfo.InvariantCulture)
        - 1;

    /// <summary>When a month begins.</summary>
    public static DateTimeOffset StartOf(int month) =>
        new(month / 12, (month % 12) + 1, 1, 0, 0, 0, TimeSpan.Zero);

    /// <summary>The month a version was committed in.</summary>
    public int Of(long version)
    {
        var index = Starts.Length - 1;
        while (index > 0 && Starts[index] > version)
            index--;
        return First + index;
    }

    /// <summary>The last version of a month, if a later month has begun; else the head's.</summary>
    public long LastOf(int month, long head)
    {
        Invariant.Require(month >= First);
        var next = month - First + 1;
        return next < Starts.Length ? Math.Min(Starts[next] - 1, head) : head;
    }
}

/// <summary>A span of time that the log is read within.</summary>
/// <param name="From">The first moment.</param>
/// <param name="Until">The first moment after it.</param>
internal readonly record struct LogSpan(DateTimeOffset From, DateTimeOffset Until)
{
    public static LogSpan OfMonths(int first, int last) =>
        new(LogMonths.StartOf(first), LogMonths.StartOf(last + 1));
}
