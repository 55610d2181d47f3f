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
                await context.SyncAsync(client, cancel);
                var after = await client.ReadStatusAsync(cancel);
                var lost = Math.Max(0, after.Conflicts - before.Conflicts);
                context.Tell(
                    parsed,
                    $"Sent {before.Outbox} changes; version "
                        + $"{before.Cursor.Version} → {after.Cursor.Version}, {after.Rows} rows",
                    ("sent", before.Outbox),
                    ("from", before.Cursor.Version),
                    ("version", after.Cursor.Version),
                    ("rows", after.Rows),
                    ("lost", lost),
                    ("matches", after.Matches)
                );
                if (lost > 0)
                    context.Screen.Error(
                        $"{lost} changes lost something: see orchestra conflicts."
                    );
                if (after.Matches == false)
                    throw new CommandFailure(
                        "This copy differs from the server's",
                        "Run orchestra doctor; please report it, with the server's log."
                    );
                return ExitCode.Done;
            }
        );
        return command;
    }
}
