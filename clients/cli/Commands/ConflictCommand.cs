using System.CommandLine;
using Orchestra.Cli.Terminal;
using Orchestra.Client;
using Orchestra.Sync;

namespace Orchestra.Cli.Commands;

/// <summary>What can be done about one change that lost.</summary>
internal static class ConflictCommand
{
    public static Command BuildShow(CommandContext context) =>
        Build(
            context,
            new Command("show", "Show what a change lost, to what, and what the row holds now"),
            async (parsed, client, change, cancel) =>
            {
                if (await client.Conflicts.FindAsync(change, cancel) is not { } conflict)
                    return false;
                if (context.IsJson(parsed))
                    context.Screen.Line(ConflictText.ToJson(conflict));
                else
                    Show(
                        context.Screen,
                        conflict,
                        await client.FindAsync(conflict.Entity, Guid.Parse(conflict.RowId), cancel)
                    );
                return true;
            }
        );

    public static Command BuildRestore(CommandContext context)
    {
        var offline = SendNow.OfflineOption();
        var command = new Command("restore", "Write the values that lost once more") { offline };
        return Build(
            context,
            command,
            async (parsed, client, change, cancel) =>
            {
                if (!await client.Conflicts.RestoreAsync(change, cancel))
                    return false;
                var isSent =
                    !parsed.GetValue(offline) && await SendNow.TryAsync(context, client, cancel);
                context.Tell(
                    parsed,
                    $"Written again: {change}",
                    ("change", change),
                    ("restored", true),
                    ("sent", isSent)
                );
                return true;
            }
        );
    }

    public static Command BuildDismiss(CommandContext context) =>
        Build(
            context,
            new Command("dismiss", "Forget a record, and with it the values that lost"),
            async (parsed, client, change, cancel) =>
            {
                if (!await client.Conflicts.DismissAsync(change, cancel))
                    return false;
                context.Tell(
                    parsed,
                    $"Forgotten: {change}",
                    ("change", change),
                    ("dismissed", true)
                );
                return true;
            }
        );

    /// <param name="context">Where it runs.</param>
    /// <param name="command">What it is called.</param>
    /// <param name="work">Does it; false if there is no such change.</param>
    private static Command Build(
        CommandContext context,
        Command command,
        Func<ParseResult, OrchestraClient, ChangeId, CancellationToken, Task<bool>> work
    )
    {
        var id = IdArgument.Build("change", "Which, as orchestra conflicts shows it");
        command.Add(id);
        command.SetAction(
            async (parsed, cancel) =>
            {
                await using var client = await context.OpenAsync(parsed, cancel, retries: 0);
                var change = new ChangeId(parsed.GetValue(id));
                return await work(parsed, client, change, cancel)
                    ? ExitCode.Done
                    : throw new CommandFailure(
                        $"No change {change} has lost anything here",
                        "Run orchestra conflicts to see which have.",
                        ExitCode.NotFound
                    );
            }
        );
        return command;
    }

    private static void Show(
        Screen screen,
        LocalConflict conflict,
        IReadOnlyDictionary<string, FieldValue>? now
    )
    {
        screen.Line($"{ConflictText.Name(conflict.Verdict)} {ConflictText.Name(conflict.Op)}");
        screen.Line($"{conflict.Entity} {conflict.RowId}{(now is null ? ", not there now" : "")}");
        if (conflict.Code is not null)
            screen.Line(ConflictText.Reason(conflict));
        screen.Table(
            ["field", "lost", "won", "now"],
            conflict.Fields.Select(lost =>
                (IReadOnlyList<string>)
                    [
                        lost.Key,
                        $"{lost.Value}",
                        $"{conflict.Winning?.GetValueOrDefault(lost.Key)}",
                        $"{now?.GetValueOrDefault(lost.Key)}",
                    ]
            )
        );
    }
}
