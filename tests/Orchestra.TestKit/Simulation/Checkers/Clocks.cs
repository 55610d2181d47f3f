using Orchestra.Sync;

namespace Orchestra.TestKit.Simulation.Checkers;

/// <summary>P10: history never runs backwards, and nobody writes from the future.</summary>
internal static class Clocks
{
    /// <summary>Stamps are raised by a microsecond each above those they knew.</summary>
    private static readonly TimeSpan Raises = TimeSpan.FromMilliseconds(1);

    public static IEnumerable<string> Check(Evidence evidence)
    {
        var last = DateTimeOffset.MinValue;
        foreach (var entry in evidence.Stored.Log)
        {
            if (entry.CreatedAt < last)
                yield return $"P10 version {entry.Version} was committed before the one before it";
            if (entry.Stamp.EditedAt > entry.CreatedAt + Raises)
                yield return $"P10 version {entry.Version} was edited after it was committed";
            last = entry.CreatedAt;
        }
    }
}
