using System.CommandLine;

namespace Orchestra.Cli.Commands;

/// <summary>Fetches everything anew.</summary>
internal static class ResetCommand
{
    private const string Question =
        "Drop the server's rows here and fetch all of them again? Unsent changes stay.";

    public static Command Build(CommandContext context)
    {
        var yes = Consent.YesOption();
        var offline = new Option<bool>("--offline")
        {
            Description = "Leave fetching to the next orchestra sync",
        };
        var command = new Command(
            "reset",
            "Drop the server's rows, keep unsent changes, and fetch everything anew"
        )
        {
            yes,
            offline,
        };
        command.SetAction(
            async (parsed, cancel) =>
            {
                await using var client = await context.OpenAsync(parsed, cancel);
                Consent.Require(context, parsed, yes, Question);
                // Whoever cannot fetch now keeps what he can read.
                if (!parsed.GetValue(offline))
                    await context.SyncAsync(client, cancel);
                var before = await client.ReadStatusAsync(cancel);
                await client.ResetAsync(cancel);
                if (!parsed.GetValue(offline))
                    await context.SyncAsync(client, cancel);
                var after = await client.ReadStatusAsync(cancel);
                context.Tell(
                    parsed,
                    $"Dropped {before.Rows} rows; {after.Rows} rows at version "
                        + $"{after.Cursor.Version}, {after.Outbox} changes unsent",
                    ("dropped", before.Rows),
                    ("rows", after.Rows),
                    ("version", after.Cursor.Version),
                    ("outbox", after.Outbox)
                );
                return ExitCode.Done;
            }
        );
        return command;
    }
}
