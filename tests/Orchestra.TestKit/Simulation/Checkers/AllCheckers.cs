namespace Orchestra.TestKit.Simulation.Checkers;

/// <summary>Every property that can be looked at in a quiet moment. No answer is a good answer.</summary>
internal static class AllCheckers
{
    public static IEnumerable<string> Check(Evidence evidence, int seed) =>
        [
            .. Versions.Check(evidence),
            .. Acknowledgements.Check(evidence),
            .. Replay.Check(evidence),
            .. Convergence.Check(evidence),
            .. Cursors.Check(evidence),
            .. Winners.Check(evidence),
            .. Clocks.Check(evidence),
            .. Deletions.Check(evidence),
            .. Pages.Check(evidence, new Random(seed)),
            .. StrangeCursors.Check(evidence),
            .. Healing.Check(evidence),
        ];
}
