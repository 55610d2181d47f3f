using System.CommandLine;
using Orchestra.Cli.Checkout;
using Orchestra.Client;

namespace Orchestra.Cli.Commands;

/// <summary>Writes a project's files into a folder.</summary>
internal static class CheckoutCommand
{
    public static Command Build(CommandContext context)
    {
        var project = new Argument<string>("project") { Description = "Its name or id" };
        var folder = new Argument<DirectoryInfo>("folder")
        {
            Description = "Where to; made if it is not there",
        };
        var offline = new Option<bool>("--offline")
        {
            Description = "Do not ask the server for news first",
        };
        var command = new Command(
            "checkout",
            "Write a project's files into a folder; repeated, only differences are fetched"
        )
        {
            project,
            folder,
            offline,
        };
        command.SetAction(
            async (parsed, cancel) =>
            {
                await using var client = await context.OpenAsync(parsed, cancel);
                if (!parsed.GetValue(offline))
                    await context.SyncAsync(client, cancel);
                var id = await FindAsync(client, parsed.GetValue(project)!, cancel);
                var root = parsed.GetValue(folder)!.FullName.TrimEnd(Path.DirectorySeparatorChar);
                Directory.CreateDirectory(root);
                CheckoutResult? result = null;
                await context.Screen.ProgressAsync(async board =>
                    result = await new FolderCheckout(client, root).RunAsync(id, board, cancel)
                );
                return Report(context, parsed, result!);
            }
        );
        return command;
    }

    private static async Task<Guid> FindAsync(
        OrchestraClient client,
        string project,
        CancellationToken cancel
    )
    {
        var found = await client.QueryAsync(
            "select id from projects where name = $project or id = $project order by id",
            row => Guid.Parse(row.GetString(0)),
            new Dictionary<string, object> { ["$project"] = project },
            cancel
        );
        return found switch
        {
            [var id] => id,
            [] => throw new CommandFailure(
                $"There is no project {project}",
                "See orchestra list projects.",
                ExitCode.NotFound
            ),
            _ => throw new CommandFailure(
                $"There are {found.Count} projects of the name {project}",
                "Name one by its id: see orchestra list projects."
            ),
        };
    }

    private static int Report(CommandContext context, ParseResult parsed, CheckoutResult result)
    {
        context.Tell(
            parsed,
            $"{result.Files} files: {result.Written} written, "
                + $"{result.Files - result.Written - result.Missing.Count} unchanged, "
                + $"{result.Missing.Count} missing",
            ("files", result.Files),
            ("written", result.Written),
            ("missing", result.Missing)
        );
        foreach (var missing in result.Missing)
            context.Screen.Error($"missing {missing}");
        return result.Missing.Count == 0 ? ExitCode.Done : ExitCode.Failed;
    }
}
