namespace Orchestra.TestKit.Simulation.Checkers;

/// <summary>P1: the log has the versions 1 to N, each once, and N is the head's.</summary>
internal static class Versions
{
    public static IEnumerable<string> Check(Evidence evidence)
    {
        var expected = 0L;
        foreach (var entry in evidence.Stored.Log)
            if (entry.Version != ++expected)
                yield return $"P1 version {entry.Version} stands where {expected} should";
        if (evidence.Stored.Head.Version != evidence.Stored.Log.Count)
            yield return $"P1 the head is {evidence.Stored.Head.Version}, the log has "
                + $"{evidence.Stored.Log.Count} entries";
    }
}
