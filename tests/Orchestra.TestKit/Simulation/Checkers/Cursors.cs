namespace Orchestra.TestKit.Simulation.Checkers;

/// <summary>P7: a device never goes back, unless it was told to begin anew.</summary>
internal static class Cursors
{
    public static IEnumerable<string> Check(Evidence evidence)
    {
        foreach (var device in evidence.Seen.Progress.GroupBy(progress => progress.Device))
        {
            var (epoch, version) = (0L, 0L);
            foreach (var progress in device)
            {
                if (!progress.IsReset && progress.Epoch == epoch && progress.Version < version)
                    yield return $"P7 {device.Key} went back from {version} to {progress.Version}";
                (epoch, version) = (progress.Epoch, progress.Version);
            }
        }
    }
}
