using System.CommandLine;

namespace Orchestra.Cli.Commands;

/// <summary>Sends and fetches until nothing is left.</summary>
internal static class SyncCommand
{
    public static Command Build(CommandContext context)
    {
        var command = new Command("sync", "Send what is unsent, fetch what is new, and end");
        command.SetAction(
            async (parsed, cancel) =>
            {
                await using var client = await context.OpenAsync(parsed, cancel);
                var before = await client.ReadStatusAsync(cancel);
                await client.SyncAsync(cancel);
                var after = await client.ReadStatusAsync(cancel);
                context.Screen.Line(
                    $"Sent {before.Outbox} changes; "
                        + $"version {before.Cursor.Version} → {after.Cursor.Version}, {after.Rows} rows"
                );
                if (after.Conflicts > before.Conflicts)
                    context.Screen.Error(
                        $"{after.Conflicts - before.Conflicts} changes lost something: "
                            + "see orchestra conflicts."
                    );
                if (after.Matches == false)
                    throw new CommandFailure(
                        "This copy differs from the server's",
                        "See orchestra status; please report it, with the server's log."
                    );
                return ExitCode.Done;
            }
        );
        return command;
    }
}
