using System.CommandLine;
using Orchestra.Cli.Terminal;

namespace Orchestra.Cli.Commands;

/// <summary>Shows one row, own changes included.</summary>
internal static class GetCommand
{
    public static Command Build(CommandContext context)
    {
        var entity = new Argument<string>("entity") { Description = "The entity type" };
        var id = IdArgument.Build("id", "The row's id");
        var command = new Command("get", "Show one row, unsent changes included") { entity, id };
        command.SetAction(
            async (parsed, cancel) =>
            {
                await using var client = await context.OpenAsync(parsed, cancel);
                var type = parsed.GetValue(entity)!;
                var row =
                    await client.FindRowAsync(type, parsed.GetValue(id), cancel)
                    ?? throw MissingRow.Of(type, parsed.GetValue(id));
                if (context.IsJson(parsed))
                {
                    context.Screen.Line(Values.ToJson(row));
                    return ExitCode.Done;
                }
                context.Screen.Line($"{"id", -20}{row.Id}");
                context.Screen.Line(
                    $"{"version", -20}{(row.Version == 0 ? "unsent" : row.Version)}"
                );
                foreach (var (name, value) in row.Fields)
                    context.Screen.Line($"{name, -20}{(value.IsNull ? "-" : value)}");
                return ExitCode.Done;
            }
        );
        return command;
    }
}
