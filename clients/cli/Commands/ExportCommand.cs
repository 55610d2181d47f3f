using System.CommandLine;
using Orchestra.Cli.Export;
using Orchestra.Cli.Terminal;
using Orchestra.Client;

namespace Orchestra.Cli.Commands;

/// <summary>Writes everything the app sees as JSON Lines.</summary>
internal static class ExportCommand
{
    public static Command Build(CommandContext context)
    {
        var entities = new Option<string[]>("--entity")
        {
            Description = "Only rows of this type; may be given several times",
            HelpName = "type",
        };
        var output = new Option<FileInfo?>("--output")
        {
            Description = "Where to; replaced when all is written. Default: the standard output",
            HelpName = "file",
        };
        var command = new Command(
            "export",
            "Write all rows as JSON Lines, unsent changes included, as of one moment"
        )
        {
            entities,
            output,
        };
        command.SetAction(
            async (parsed, cancel) =>
            {
                await using var client = await context.OpenAsync(parsed, cancel);
                var types = parsed.GetValue(entities) is { Length: > 0 } named
                    ? [.. named.Distinct()]
                    : (await client.ReadCatalogAsync(cancel))
                        .Types.Select(type => type.Name)
                        .ToList();
                var export = new RowExport(client, types);
                if (parsed.GetValue(output) is not { } file)
                {
                    await ToScreenAsync(context.Screen, export, cancel);
                    return ExitCode.Done;
                }
                var rows = await ToFileAsync(context.Screen, export, file, cancel);
                context.Tell(
                    parsed,
                    $"{rows} rows in {file.FullName}",
                    ("file", file.FullName),
                    ("rows", rows)
                );
                return ExitCode.Done;
            }
        );
        return command;
    }

    /// <summary>Rows that scroll by show how far it is; a bar between them would only be in the way.</summary>
    private static async Task ToScreenAsync(
        Screen screen,
        RowExport export,
        CancellationToken cancel
    )
    {
        if (screen.IsTerminal)
            await export.RunAsync(screen.Line, new SilentBoard(), cancel);
        else
            await screen.ProgressAsync(board => export.RunAsync(screen.Line, board, cancel));
    }

    private static async Task<long> ToFileAsync(
        Screen screen,
        RowExport export,
        FileInfo file,
        CancellationToken cancel
    )
    {
        var rows = 0L;
        await using var replacement = new FileReplacement(file.FullName);
        await screen.ProgressAsync(async board =>
            rows = await export.RunAsync(replacement.Writer.WriteLine, board, cancel)
        );
        replacement.Commit();
        return rows;
    }
}
