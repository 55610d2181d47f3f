using System.CommandLine;
using Orchestra.Cli.Terminal;

namespace Orchestra.Cli.Commands;

/// <summary>Shows what this device's changes lost; each can be had back.</summary>
internal static class ConflictsCommand
{
    public static Command Build(CommandContext context)
    {
        var command = new Command("conflicts", "Show changes of this device that lost something")
        {
            BuildList(context, new Command("list", "Show them, the newest first")),
            ConflictCommand.BuildShow(context),
            ConflictCommand.BuildRestore(context),
            ConflictCommand.BuildDismiss(context),
        };
        return BuildList(context, command);
    }

    /// <summary>Without a verb the list is meant.</summary>
    private static Command BuildList(CommandContext context, Command command)
    {
        var limit = new Option<int>("--limit")
        {
            Description = "At most so many, the newest first",
            DefaultValueFactory = _ => 100,
        };
        command.Add(limit);
        command.SetAction(
            async (parsed, cancel) =>
            {
                await using var client = await context.OpenAsync(parsed, cancel);
                context.TellAll(
                    parsed,
                    ["change", "verdict", "entity", "id", "op", "reason", "lost"],
                    await client.Conflicts.ListAsync(parsed.GetValue(limit), cancel),
                    ConflictText.ToCells,
                    ConflictText.ToJson
                );
                return ExitCode.Done;
            }
        );
        return command;
    }
}
