using System.CommandLine;
using System.Text.Json;
using Spectre.Console;

namespace Orchestra.Benchmarks.Workloads;

/// <summary>The table: what devices do to a server, side by side with the least it could cost.</summary>
internal static class WorkloadsCommand
{
    private static readonly IReadOnlyList<IWorkload> All =
    [
        new Ingest(),
        new Live(),
        new Bootstrap(),
        new IdleSockets(),
        new HotOwner(),
        new Conflicts(),
        new Storm(),
        new Growth(),
    ];

    private const int RedirectedWidth = 160;

    private static readonly Option<string[]> Only = new("--only")
    {
        Description = "Some of W1 to W8; all if absent",
        AllowMultipleArgumentsPerToken = true,
    };

    private static readonly Option<int> Rounds = new("--rounds")
    {
        Description = "How often the product and its limit take turns",
        DefaultValueFactory = _ => 5,
    };

    private static readonly Option<double> Seconds = new("--seconds")
    {
        Description = "How long each of them has in a round",
        DefaultValueFactory = _ => 3,
    };

    private static readonly Option<int> Sockets = new("--sockets")
    {
        Description = "Connections, where many are measured",
        DefaultValueFactory = _ => 5_000,
    };

    private static readonly Option<bool> Json = new("--json")
    {
        Description = "The findings as JSON, nothing else on standard output",
    };

    public static Command Create()
    {
        Only.AcceptOnlyFromAmong([.. All.Select(workload => workload.Name)]);
        var command = new Command(
            "workloads",
            "The server under load, beside what PostgreSQL and Kestrel can do at all on this machine"
        )
        {
            Only,
            Rounds,
            Seconds,
            Sockets,
            Json,
        };
        command.SetAction(
            (parsed, cancel) =>
                RunAsync(
                    parsed.GetValue(Only) ?? [],
                    new WorkloadSettings(
                        parsed.GetValue(Rounds),
                        TimeSpan.FromSeconds(parsed.GetValue(Seconds)),
                        parsed.GetValue(Sockets)
                    ),
                    parsed.GetValue(Json),
                    cancel
                )
        );
        return command;
    }

    private static async Task RunAsync(
        string[] only,
        WorkloadSettings settings,
        bool json,
        CancellationToken cancel
    )
    {
        // Progress goes where it does not mix with the result.
        var console = AnsiConsole.Create(
            new AnsiConsoleSettings { Out = new AnsiConsoleOutput(Console.Error) }
        );
        List<Finding> findings = [];
        await console
            .Progress()
            .StartAsync(async progress =>
            {
                var start = progress.AddTask("warm-up").IsIndeterminate();
                await using var stage = await Stage.OpenAsync();
                await stage.WarmUpAsync(cancel);
                start.Increment(start.MaxValue);
                start.StopTask();
                foreach (var workload in All.Where(w => only.Length == 0 || only.Contains(w.Name)))
                {
                    var task = progress.AddTask(workload.Name, maxValue: workload.Steps(settings));
                    findings.AddRange(
                        await workload.RunAsync(stage, settings, () => task.Increment(1), cancel)
                    );
                    task.StopTask();
                }
            });
        // What is piped has no width of its own, and 80 columns break every line.
        if (Console.IsOutputRedirected)
            AnsiConsole.Profile.Width = RedirectedWidth;
        if (json)
            Console.WriteLine(JsonSerializer.Serialize(findings, JsonSerializerOptions.Web));
        else
            AnsiConsole.Write(TableOf(findings));
    }

    private static Table TableOf(IEnumerable<Finding> findings)
    {
        var table = new Table().AddColumns("", "", "unit");
        foreach (var number in new[] { "ours", "limit", "ratio", "must", "goal" })
            table.AddColumn(new TableColumn(number).RightAligned());
        table
            .AddColumn("")
            .AddColumn(new TableColumn("CPU: load / server / PostgreSQL").RightAligned());
        foreach (var finding in findings)
            table.AddRow(
                finding.Workload,
                finding.What,
                finding.Unit,
                Number(finding.Ours),
                finding.Limit is { } limit ? Number(limit) : "",
                finding.Limit is null ? "" : $"{finding.Value:0.00}",
                finding.Goal is { } goal ? Number(goal.Must) : "",
                finding.Goal is { } better ? Number(better.Good) : "",
                finding.Verdict switch
                {
                    Verdict.Goal => "[green]goal[/]",
                    Verdict.Must => "[green]must[/]",
                    Verdict.Missed => "[red]missed[/]",
                    _ => "",
                },
                $"{finding.Processors}"
            );
        return table;
    }

    private static string Number(double value) =>
        value >= 100 ? $"{value:N0}"
        : value >= 10 ? $"{value:0.0}"
        : $"{value:0.00}";
}
