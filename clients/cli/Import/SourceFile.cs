using System.Security.Cryptography;
using Orchestra.Client;
using Orchestra.Sync;
using Orchestra.Sync.Decisions;

namespace Orchestra.Cli.Import;

/// <summary>What a row says of a file; its contents stay where they are.</summary>
/// <param name="Path">Below the project's folder, with slashes.</param>
/// <param name="Hash">SHA-256 of the contents, lower-case hex.</param>
/// <param name="Size">Bytes.</param>
internal sealed record SourceFile(string Path, string Hash, long Size)
{
    /// <summary>The same path in the same project is the same row, on every device.</summary>
    public static Guid IdOf(Guid project, string path) => NaturalKey.Derive(project, path);

    /// <exception cref="IOException">It cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be read.</exception>
    public static async Task<SourceFile> ReadAsync(
        string root,
        string path,
        CancellationToken cancel
    )
    {
        await using var stream = File.OpenRead(System.IO.Path.Combine(root, path));
        var hash = await SHA256.HashDataAsync(stream, cancel);
        return new(path, Convert.ToHexStringLower(hash), stream.Position);
    }

    public Edit ToEdit(Guid project) =>
        Edit.Put(
            "files",
            IdOf(project, Path),
            new Dictionary<string, FieldValue>
            {
                ["project_id"] = FieldValue.Text(project.ToString()),
                ["path"] = FieldValue.Text(Path),
                ["content_hash"] = FieldValue.Text(Hash),
                ["size"] = FieldValue.Integer(Size),
                ["language"] = Language.Of(Path) is { } language
                    ? FieldValue.Text(language)
                    : FieldValue.Null,
            }
        );
}
