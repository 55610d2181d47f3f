using Orchestra.TestKit.Processes;
using Orchestra.TestKit.Simulation;

namespace Orchestra.Tests.Simulation;

/// <summary>
/// The simulator notices each of twelve mistakes within 200 seeds. Each runs in a process of its own,
/// so that none leaks into other tests.
/// </summary>
public sealed class SeededBugTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(10);

    public static TheoryData<SeededBug> Bugs =>
        new(Enum.GetValues<SeededBug>().Except([SeededBug.None]));

    [Fact]
    public void There_are_twelve() => Assert.Equal(12, Bugs.Count);

    [Theory]
    [MemberData(nameof(Bugs))]
    public async Task It_is_caught(SeededBug bug)
    {
        await using var simulator = ChildProcess.Start(
            "Orchestra.Simulator.dll",
            AppContext.BaseDirectory,
            new Dictionary<string, string>(),
            ["--seed", "1", "--count", "200", "--bug", bug.ToString()]
        );

        var sum = await simulator.WaitForLineAsync("seeds passed", Patience);
        Assert.Contains(" 1 failed", sum, StringComparison.Ordinal);
        Assert.Contains(simulator.Lines, line => line.StartsWith("./test.sh --sim "));
    }
}
