using System.CommandLine;
using Orchestra.TestKit.Simulation;

namespace Orchestra.Simulator;

/// <summary>The simulator as a command line.</summary>
internal static class SimulatorCommand
{
    private const int Bad = 1;

    /// <returns>0 = every seed was good.</returns>
    public static int Run(string[] args, TextWriter output)
    {
        var seed = new Option<int>("--seed") { Description = "The seed, or the first of several" };
        var count = new Option<int>("--count")
        {
            Description = "How many seeds",
            DefaultValueFactory = _ => 1,
        };
        var bug = new Option<SeededBug>("--bug")
        {
            Description = "A mistake to make on purpose; then the run ends with the first bad seed",
        };
        var trace = new Option<bool>("--trace") { Description = "Write what happened" };
        var root = new RootCommand("Runs the sync cluster and its devices on one thread, by seeds.")
        {
            Options = { seed, count, bug, trace },
        };
        root.SetAction(parsed =>
            RunSeeds(
                parsed.GetValue(seed),
                parsed.GetValue(count),
                parsed.GetValue(bug),
                parsed.GetValue(trace),
                output
            )
        );
        return root.Parse(args).Invoke(new InvocationConfiguration { Output = output });
    }

    private static int RunSeeds(int first, int count, SeededBug bug, bool trace, TextWriter output)
    {
        // Before anything of the product runs: each switch is read once.
        if (bug != SeededBug.None)
            AppContext.SetSwitch("Orchestra.SeededBugs." + bug, true);
        var (good, bad, faults) = (0, 0, 0L);
        for (var seed = first; seed < first + count; seed++)
        {
            var result = SeedRunner.Run(seed, bug, trace);
            foreach (var line in result.Trace)
                output.WriteLine(line);
            faults += result.Faults;
            if (result.IsGood)
            {
                good++;
                continue;
            }
            bad++;
            output.WriteLine($"./test.sh --sim {seed}  # {FirstLine(result.Failures[0])}");
            if (bug != SeededBug.None)
                break;
        }
        output.WriteLine($"{good} seeds passed, {bad} failed, {faults} faults");
        return bad == 0 ? 0 : Bad;
    }

    private static string FirstLine(string text) => text.Split('\n')[0].Trim();
}
