namespace Orchestra.TestKit.Simulation;

/// <summary>What a run came to.</summary>
/// <param name="Seed">Runs it again.</param>
/// <param name="Failures">What the checkers found; none is good.</param>
/// <param name="TraceHash">The same for the same seed.</param>
/// <param name="Events">Lines of its trace.</param>
/// <param name="Faults">What went wrong on purpose.</param>
/// <param name="Trace">The lines, if they were wanted.</param>
public sealed record SimulationResult(
    int Seed,
    IReadOnlyList<string> Failures,
    string TraceHash,
    long Events,
    int Faults,
    IReadOnlyList<string> Trace
)
{
    public bool IsGood => Failures.Count == 0;
}

/// <summary>Runs the simulator, a seed at a time.</summary>
public static class SeedRunner
{
    public static SimulationResult Run(
        int seed,
        SeededBug bug = SeededBug.None,
        bool keepsTrace = false
    )
    {
        using var scenario = new Scenario(seed, bug, keepsTrace);
        var world = scenario.World;
        try
        {
            scenario.Run();
        }
        catch (InvalidOperationException) when (world.HasFailed)
        {
            // Whoever waited for an answer could not get it any more; the failure says why.
        }
        return new(
            seed,
            world.Failures,
            world.Trace.Hash,
            world.Trace.Count,
            scenario.Faults,
            world.Trace.Lines
        );
    }
}
