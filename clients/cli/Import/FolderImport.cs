using Orchestra.Cli.Terminal;
using Orchestra.Client;
using Orchestra.Sync;
using Orchestra.Sync.Errors;

namespace Orchestra.Cli.Import;

/// <param name="Project">The project's row.</param>
/// <param name="Files">How many files were found.</param>
/// <param name="Written">How many of them were new or different.</param>
/// <param name="Deleted">How many rows had no file any more.</param>
/// <param name="Unread">Files that could not be taken, and why; their rows stay as they are.</param>
internal sealed record ImportResult(
    Guid Project,
    int Files,
    int Written,
    int Deleted,
    IReadOnlyList<string> Unread
);

/// <summary>
/// Makes a project's rows like a folder. Ids follow from what things are called, and only
/// differences are written: interrupted or repeated, it goes on where it was.
/// </summary>
/// <param name="client">Takes rows and contents.</param>
/// <param name="root">The folder.</param>
/// <param name="project">The project's name.</param>
/// <param name="withContents">Whether the files' bytes are kept too, and not only what they are.</param>
internal sealed class FolderImport(
    OrchestraClient client,
    string root,
    string project,
    bool withContents
)
{
    /// <summary>Files a local transaction: what an interruption can cost.</summary>
    private const int BatchFiles = 100;

    private readonly List<string> unread = [];

    public async Task<ImportResult> RunAsync(
        bool includeAll,
        IProgressBoard board,
        CancellationToken cancel
    )
    {
        var paths = SourceTree.Walk(root, includeAll);
        var projectId = await ProjectRow.FindOrMakeAsync(client, project, cancel);
        var written = 0;
        var hashed = 0;
        var report = board.Begin("Hashing", paths.Count);
        foreach (var batch in paths.Chunk(BatchFiles))
        {
            written += await WriteAsync(projectId, batch, cancel);
            report(hashed += batch.Length);
        }
        var deleted = await DeleteVanishedAsync(projectId, paths, cancel);
        return new(projectId, paths.Count, written, deleted, unread);
    }

    private async Task<int> WriteAsync(
        Guid projectId,
        IReadOnlyList<string> paths,
        CancellationToken cancel
    )
    {
        var files = await Task.WhenAll(paths.Select(path => TryReadAsync(path, cancel)));
        return await client.WriteAsync(
            [.. files.OfType<SourceFile>().Select(file => file.ToEdit(projectId))],
            cancel: cancel
        );
    }

    private async Task<SourceFile?> TryReadAsync(string path, CancellationToken cancel)
    {
        try
        {
            var file = await SourceFile.ReadAsync(root, path, cancel);
            return withContents ? await file.KeepAsync(client.Contents, root, cancel) : file;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            lock (unread)
                unread.Add($"{path}: {e.Message}");
            return null;
        }
    }

    private async Task<int> DeleteVanishedAsync(
        Guid projectId,
        List<string> paths,
        CancellationToken cancel
    )
    {
        var there = paths.Select(path => SourceFile.IdOf(projectId, path)).ToHashSet();
        var known = await client.QueryAsync(
            "select id from files where project_id = $project",
            row => Guid.Parse(row.GetString(0)),
            new Dictionary<string, object> { ["$project"] = projectId.ToString() },
            cancel
        );
        return await client.WriteAsync(
            [.. known.Where(id => !there.Contains(id)).Select(id => Edit.Delete("files", id))],
            cancel: cancel
        );
    }
}
