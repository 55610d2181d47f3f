using System.CommandLine;
using Orchestra.Cli.Import;
using Orchestra.Cli.Terminal;
using Orchestra.Client;

namespace Orchestra.Cli.Commands;

/// <summary>Makes a folder a project with a row a file, and keeps the contents.</summary>
internal static class ImportCommand
{
    /// <summary>A long import outlives a server's restart: some four minutes of trying.</summary>
    private const int Retries = 12;

    public static Command Build(CommandContext context)
    {
        var folder = new Argument<DirectoryInfo>("folder") { Description = "What to import" };
        folder.AcceptExistingOnly();
        var project = new Option<string?>("--project")
        {
            Description = "The project's name. Default: the folder's",
            HelpName = "name",
        };
        var includeAll = new Option<bool>("--include-all")
        {
            Description = $"Do not skip {string.Join(", ", SourceTree.Skipped)}",
        };
        var noContents = new Option<bool>("--no-contents")
        {
            Description = "Only say what the files are; their bytes stay here",
        };
        var offline = SendNow.OfflineOption();
        var command = new Command(
            "import",
            "Make a folder a project with a row and the contents of each file; repeated, only differences "
                + "are sent"
        )
        {
            folder,
            project,
            includeAll,
            noContents,
            offline,
        };
        command.SetAction(
            async (parsed, cancel) =>
            {
                await using var client = await context.OpenAsync(parsed, cancel, Retries);
                if ((await client.ReadCatalogAsync(cancel)).Find("files") is null)
                    await client.SyncAsync(cancel);
                var root = parsed.GetValue(folder)!;
                var import = new FolderImport(
                    client,
                    root.FullName,
                    parsed.GetValue(project) ?? root.Name,
                    withContents: !parsed.GetValue(noContents)
                );
                ImportResult? result = null;
                await context.Screen.ProgressAsync(async board =>
                {
                    result = await import.RunAsync(parsed.GetValue(includeAll), board, cancel);
                    if (!parsed.GetValue(offline))
                        await SendAsync(context.Screen, client, board, cancel);
                });
                var waiting = await client.Contents.ReadStatusAsync(cancel);
                return Report(context, parsed, result!, waiting);
            }
        );
        return command;
    }

    private static async Task SendAsync(
        Screen screen,
        OrchestraClient client,
        IProgressBoard board,
        CancellationToken cancel
    )
    {
        var total = (await client.ReadStatusAsync(cancel)).Outbox;
        var report = board.Begin("Sending", total);
        client.Progress += progress => report(Math.Max(0, total - progress.Outbox));
        client.Connection += change =>
        {
            if (change.Reason is { } reason)
                screen.Error($"disconnected: {reason.Message}; trying again");
        };
        var waiting = await client.Contents.ReadStatusAsync(cancel);
        client.Contents.Progress += new ContentBar(board, waiting.PendingBytes).Show;
        await client.SyncAsync(cancel);
    }

    private static int Report(
        CommandContext context,
        ParseResult parsed,
        ImportResult result,
        ContentStatus waiting
    )
    {
        var unchanged = result.Files - result.Written - result.Unread.Count;
        context.Tell(
            parsed,
            $"project {result.Project}\n{result.Files} files: {result.Written} written, "
                + $"{result.Deleted} deleted, {unchanged} unchanged",
            ("project", result.Project),
            ("files", result.Files),
            ("written", result.Written),
            ("deleted", result.Deleted),
            ("unchanged", unchanged),
            ("skipped", result.Unread),
            ("contents_waiting", waiting.Pending)
        );
        if (waiting.Pending > 0 && !parsed.GetValue<bool>("--offline"))
            context.Screen.Error(
                $"The contents of {waiting.Pending} files wait on this device: the server keeps none."
            );
        foreach (var refused in waiting.Refused)
            context.Screen.Error($"not taken {refused.Hash}: {refused.Reason}");
        foreach (var unread in result.Unread)
            context.Screen.Error($"skipped {unread}");
        return result.Unread.Count == 0 ? ExitCode.Done : ExitCode.Failed;
    }
}
