using System.Security.Cryptography;
using Orchestra.Cli.Export;
using Orchestra.Cli.Terminal;
using Orchestra.Client;
using Orchestra.Sync.Contents;
using Orchestra.Sync.Errors;

namespace Orchestra.Cli.Checkout;

/// <param name="Files">How many the project has.</param>
/// <param name="Written">How many were fetched and written.</param>
/// <param name="Missing">Those that could not be, and why.</param>
internal sealed record CheckoutResult(int Files, int Written, IReadOnlyList<string> Missing);

/// <summary>
/// Writes a project's files into a folder. What is there and the same stays, what differs is replaced
/// when its contents are whole; nothing is deleted. Interrupted or repeated, it goes on where it was.
/// </summary>
internal sealed class FolderCheckout(OrchestraClient client, string root)
{
    private const int AtOnce = 4;

    private readonly List<string> missing = [];
    private int written;

    public async Task<CheckoutResult> RunAsync(
        Guid project,
        IProgressBoard board,
        CancellationToken cancel
    )
    {
        var files = await client.QueryAsync(
            "select path, content_hash, size from files where project_id = $project order by path",
            row => (Path: row.GetString(0), Hash: row.GetString(1), Size: row.GetInt64(2)),
            new Dictionary<string, object> { ["$project"] = project.ToString() },
            cancel
        );
        var report = board.Begin("Writing", files.Count);
        var done = 0;
        await Parallel.ForEachAsync(
            files,
            new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = cancel },
            async (file, token) =>
            {
                await TryWriteAsync(file.Path, file.Hash, file.Size, token);
                report(Interlocked.Increment(ref done));
            }
        );
        return new(files.Count, written, [.. missing.Order(StringComparer.Ordinal)]);
    }

    private async Task TryWriteAsync(string path, string hash, long size, CancellationToken cancel)
    {
        try
        {
            if (!ContentHash.TryParse(hash, out var content))
                throw new InvalidDataException("its row names no contents");
            var place = PlaceOf(path);
            if (await IsThereAsync(place, content, size, cancel))
                return;
            Directory.CreateDirectory(Path.GetDirectoryName(place)!);
            await using var bytes = await client.Contents.OpenReadAsync(content, cancel);
            await using var file = new FileReplacement(place);
            await bytes.CopyToAsync(file.Bytes, cancel);
            file.Commit();
            Interlocked.Increment(ref written);
        }
        catch (Exception e)
            when (e is IOException or UnauthorizedAccessException or InvalidDataException
                || e is SyncException { Code: ErrorCode.NotFound or ErrorCode.HashMismatch }
            )
        {
            lock (missing)
                missing.Add($"{path}: {e.Message}");
        }
    }

    /// <summary>A path is data that came from somewhere: it stays below the folder.</summary>
    private string PlaceOf(string path)
    {
        var place = Path.GetFullPath(Path.Combine(root, path));
        return
            !Path.IsPathRooted(path)
            && place.StartsWith(root + Path.DirectorySeparatorChar, StringComparison.Ordinal)
            && !path.Split('/').Contains("..")
            ? place
            : throw new InvalidDataException("its path leads out of the folder");
    }

    private static async Task<bool> IsThereAsync(
        string place,
        ContentHash hash,
        long size,
        CancellationToken cancel
    )
    {
        if (new FileInfo(place) is not { Exists: true } file || file.Length != size)
            return false;
        await using var stream = File.OpenRead(place);
        return ContentHash.Of(await SHA256.HashDataAsync(stream, cancel)) == hash;
    }
}
