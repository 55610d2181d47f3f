using Orchestra.TestKit.Simulation;

namespace Orchestra.Tests.Simulation;

/// <summary>Seeds 1 to 200 with everything that can go wrong; any of them can be run again alone.</summary>
public sealed class SimulatorTests
{
    private const int Seeds = 200;

    [Fact]
    public void Everything_comes_right_after_whatever_went_wrong_in_200_seeds()
    {
        var results = Enumerable.Range(1, Seeds).Select(seed => SeedRunner.Run(seed)).ToList();

        Assert.Empty(
            results
                .Where(result => !result.IsGood)
                .Select(result => $"./test.sh --sim {result.Seed}  # {result.Failures[0]}")
        );
        // A run in which nothing went wrong shows nothing.
        Assert.DoesNotContain(results, result => result.Faults == 0);
    }

    [Fact]
    public void P20_the_same_seed_gives_the_same_run()
    {
        var first = SeedRunner.Run(7);
        var again = SeedRunner.Run(7);
        var other = SeedRunner.Run(8);

        Assert.True(first.Events > 100);
        Assert.Equal((first.Events, first.TraceHash), (again.Events, again.TraceHash));
        Assert.NotEqual(first.TraceHash, other.TraceHash);
    }
}
