using System.CommandLine;
using System.Diagnostics;

namespace Orchestra.Benchmarks.Apply;

/// <summary>How many rows a second a device takes from the wire into its database.</summary>
internal static class ApplyCommand
{
    private static readonly TimeSpan WarmUp = TimeSpan.FromSeconds(15);

    private static readonly Option<int> Rows = new("--rows")
    {
        Description = "Rows of the owner, in frames of 500",
        DefaultValueFactory = _ => 100_000,
    };

    private static readonly Option<int> Runs = new("--runs")
    {
        Description = "How often each case runs; the best one counts",
        DefaultValueFactory = _ => 3,
    };

    private static readonly Option<string> Folder = new("--folder")
    {
        Description = "Where the databases are made; the disk is part of what is measured",
        DefaultValueFactory = _ => Path.GetTempPath(),
    };

    public static Command Create()
    {
        var command = new Command(
            "apply",
            "Frames, from their bytes to a committed transaction each in the client's SQLite file"
        )
        {
            Rows,
            Runs,
            Folder,
        };
        command.SetAction(
            (parsed, cancel) =>
                RunAsync(
                    parsed.GetValue(Rows),
                    parsed.GetValue(Runs),
                    parsed.GetValue(Folder)!,
                    cancel
                )
        );
        return command;
    }

    private static async Task RunAsync(int rows, int runs, string folder, CancellationToken cancel)
    {
        UseOneCore();
        var made = await MadeUpOwner.CreateAsync(rows, cancel);
        var whole = WireFrames.Rows(made);
        var bytes = whole.Sum(frame => (long)frame.Length);
        Console.WriteLine($"{rows} rows in {whole.Count} frames, {bytes / rows} bytes a row");
        Console.WriteLine(
            $"best of {runs}, one core {"rows/s", 18} {"rows/CPU s", 12} {"parsing", 9}"
        );
        var scenarios = Scenario.All(made).ToList();
        await WarmUpAsync(scenarios, folder, cancel);
        foreach (var scenario in scenarios)
        {
            var best = await BestAsync(scenario, runs, folder, cancel);
            Console.WriteLine(
                $"{scenario.Name, -31}{best.RowsPerSecond, 12:N0} {best.RowsPerCpuSecond, 12:N0} {best.ParsingShare, 9:P0}"
            );
        }
    }

    /// <summary>Until the compiler has done with what runs often, or it would be measured too.</summary>
    private static async Task WarmUpAsync(
        List<Scenario> scenarios,
        string folder,
        CancellationToken cancel
    )
    {
        var since = Stopwatch.GetTimestamp();
        for (var i = 0; Stopwatch.GetElapsedTime(since) < WarmUp; i++)
            await BestAsync(scenarios[i % scenarios.Count], 1, folder, cancel);
    }

    private static async Task<Measurement> BestAsync(
        Scenario scenario,
        int runs,
        string folder,
        CancellationToken cancel
    )
    {
        var all = new List<Measurement>();
        for (var run = 0; run < runs; run++)
        {
            await using var device = await MeasuredDevice.CreateAsync(folder, scenario, cancel);
            all.Add(await device.TakeAsync(scenario.Frames, cancel));
        }
        return all.MaxBy(one => one.RowsPerCpuSecond)!;
    }

    /// <summary>The collector and the compiler share it, as they would on a small device.</summary>
    private static void UseOneCore()
    {
        if (OperatingSystem.IsLinux() || OperatingSystem.IsWindows())
            Process.GetCurrentProcess().ProcessorAffinity = 1;
    }
}
