using System.CommandLine;
using Orchestra.Cli.Commands;
using Orchestra.Cli.Terminal;

namespace Orchestra.Cli;

/// <summary>The command line as a function of its arguments.</summary>
public static class CommandLine
{
    /// <returns>0 done, 1 failed, 2 wrong usage, 3 not logged in, 4 server not reached.</returns>
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
        var context = new CommandContext(screen, database);
        return new RootCommand("Orchestra: your data on this device, offline first, in sync.")
        {
            Options = { database },
            Subcommands =
            {
                InitCommand.Build(context),
                LoginCommand.Build(context),
                PutCommand.Build(context),
                RemoveCommand.Build(context),
                ListCommand.Build(context),
                ImportCommand.Build(context),
                SyncCommand.Build(context),
                WatchCommand.Build(context),
                StatusCommand.Build(context),
                ConflictsCommand.Build(context),
            },
        };
    }
}
