using System.CommandLine;
using Orchestra.Cli.Terminal;

namespace Orchestra.Cli.Commands;

/// <summary>Deletes one row.</summary>
internal static class RemoveCommand
{
    public static Command Build(CommandContext context)
    {
        var entity = new Argument<string>("entity") { Description = "The entity type" };
        var id = IdArgument.Build("id", "The row's id");
        var offline = SendNow.OfflineOption();
        var command = new Command("rm", "Delete a row, and on the server what refers to it")
        {
            entity,
            id,
            offline,
        };
        command.SetAction(
            async (parsed, cancel) =>
            {
                await using var client = await context.OpenAsync(parsed, cancel, retries: 0);
                var (type, row) = (parsed.GetValue(entity)!, parsed.GetValue(id));
                if (!await client.DeleteAsync(type, row, cancel))
                    throw MissingRow.Of(type, row);
                var isSent =
                    !parsed.GetValue(offline) && await SendNow.TryAsync(context, client, cancel);
                if (context.IsJson(parsed))
                    context.Screen.Line(
                        JsonLine.Of(("entity", type), ("id", row), ("sent", isSent))
                    );
                return ExitCode.Done;
            }
        );
        return command;
    }
}
