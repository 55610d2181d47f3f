using System.CommandLine;
using Orchestra.Cli.Commands;
using Orchestra.Cli.Terminal;

namespace Orchestra.Cli;

/// <summary>The command line as a function of its arguments.</summary>
public static class CommandLine
{
    /// <returns>0 done, 1 failed, 2 wrong usage, 3 not logged in, 4 server not reached, 5 not found.</returns>
    public static async Task<int> RunAsync(
        string[] args,
        TextWriter output,
        TextWriter error,
        CancellationToken cancel
    )
    {
        var screen = new Screen(output, error);
        var parsed = Build(screen).Parse(args);
        var streams = new InvocationConfiguration
        {
            Output = output,
            Error = error,
            EnableDefaultExceptionHandler = false,
        };
        try
        {
            var code = await parsed.InvokeAsync(streams, cancel);
            return parsed.Errors.Count > 0 ? ExitCode.Usage : code;
        }
        catch (Exception e)
        {
            return Failure.Report(screen, e);
        }
    }

    private static RootCommand Build(Screen screen)
    {
        var database = new Option<string?>("--db")
        {
            Description =
                "The device's database. Default: $ORCHESTRA_DB, else ./.orchestra/orchestra.db",
            HelpName = "path",
            Recursive = true,
        };
        var json = new Option<bool>("--json")
        {
            Description = "The result as JSON: one object, or one a line",
            Recursive = true,
        };
        var context = new CommandContext(screen, database, json);
        var groups = CommandGroups.Build(context);
        var root = new RootCommand("Orchestra: your data on this device, offline first, in sync.")
        {
            database,
            json,
        };
        foreach (var command in groups.SelectMany(group => group.Commands))
            root.Subcommands.Add(command);
        RootHelp.Install(root, groups);
        return root;
    }
}
