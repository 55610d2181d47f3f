using System.Security.Cryptography;
using Orchestra.Client;
using Orchestra.Sync;
using Orchestra.Sync.Contents;
using Orchestra.Sync.Decisions;
using Orchestra.Sync.Wire;

namespace Orchestra.Cli.Import;

/// <summary>What a row says of a file.</summary>
/// <param name="Path">Below the project's folder, with slashes.</param>
/// <param name="Hash">Of the contents.</param>
/// <param name="Size">Bytes.</param>
internal sealed record SourceFile(string Path, ContentHash Hash, long Size)
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
        return new(path, ContentHash.Of(hash), stream.Position);
    }

    /// <summary>
    /// Copies the contents to where they wait to be sent, unless the server or this device has them.
    /// </summary>
    /// <returns>What was copied: the file may have been written to since it was read.</returns>
    /// <inheritdoc cref="ReadAsync" path="/exception"/>
    public async Task<SourceFile> KeepAsync(
        ClientContents contents,
        string root,
        CancellationToken cancel
    )
    {
        if (
            contents.IsHere(Hash)
            || await contents.FindStateAsync(Hash, cancel) == ContentState.Present
        )
            return this;
        await using var stream = File.OpenRead(System.IO.Path.Combine(root, Path));
        var hash = await contents.PutAsync(stream, cancel);
        return this with { Hash = hash, Size = stream.Position };
    }

    public Edit ToEdit(Guid project) =>
        Edit.Put(
            "files",
            IdOf(project, Path),
            new Dictionary<string, FieldValue>
            {
                ["project_id"] = FieldValue.Text(project.ToString()),
                ["path"] = FieldValue.Text(Path),
                ["content_hash"] = FieldValue.Text(Hash.Hex),
                ["size"] = FieldValue.Integer(Size),
                ["language"] = Language.Of(Path) is { } language
                    ? FieldValue.Text(language)
                    : FieldValue.Null,
            }
        );
}
