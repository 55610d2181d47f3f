using System.CommandLine;
using Orchestra.Cli.Terminal;

namespace Orchestra.Cli.Commands;

/// <summary>Shows the rows of a type, own changes included.</summary>
internal static class ListCommand
{
    public static Command Build(CommandContext context)
    {
        var entity = new Argument<string>("entity") { Description = "The entity type" };
        var command = new Command("ls", "Show the rows of an entity type, unsent changes included")
        {
            entity,
        };
        command.SetAction(
            async (parsed, cancel) =>
            {
                await using var client = await context.OpenAsync(parsed, cancel);
                var rows = await client.ListAsync(parsed.GetValue(entity)!, cancel);
                var type = (await client.ReadCatalogAsync(cancel))[parsed.GetValue(entity)!];
                var names = type.Fields.Select(field => field.Name).ToList();
                context.TellAll(
                    parsed,
                    ["id", "version", .. names],
                    rows,
                    row =>
                        [
                            row.Id.ToString(),
                            row.Version == 0 ? "unsent" : $"{row.Version}",
                            .. names.Select(name =>
                                row.Fields[name].IsNull ? "" : row.Fields[name].ToString()
                            ),
                        ],
                    Values.ToJson
                );
                return ExitCode.Done;
            }
        );
        return command;
    }
}
