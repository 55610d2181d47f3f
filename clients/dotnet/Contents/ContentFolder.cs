using System.Security.Cryptography;
using Orchestra.Sync.Contents;

namespace Orchestra.Client.Contents;

/// <summary>
/// The cache's files: whole contents under their hash, and what is still coming. Several processes may
/// use it.
/// </summary>
internal sealed class ContentFolder(string root)
{
    private const int BufferBytes = 128 * 1024;

    public string PathOf(ContentHash hash) => Path.Combine(root, hash.Hex[..2], hash.Hex);

    public bool Has(ContentHash hash) => File.Exists(PathOf(hash));

    /// <summary>The contents; null if they are not here.</summary>
    public FileStream? TryOpen(ContentHash hash)
    {
        try
        {
            return new FileStream(
                PathOf(hash),
                new FileStreamOptions
                {
                    Share = FileShare.Read | FileShare.Delete,
                    Options = FileOptions.Asynchronous | FileOptions.SequentialScan,
                }
            );
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
    }

    /// <summary>Copies bytes in. They are here for good when it returns.</summary>
    public async Task<CachedContent> AddAsync(Stream bytes, CancellationToken cancel)
    {
        var path = NewPath();
        try
        {
            using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
            await using var file = Create(path);
            var buffer = new byte[BufferBytes];
            while (await bytes.ReadAsync(buffer, cancel) is var count and > 0)
            {
                hash.AppendData(buffer, 0, count);
                await file.WriteAsync(buffer.AsMemory(0, count), cancel);
            }
            file.Flush(flushToDisk: true);
            var content = new CachedContent(ContentHash.Of(hash.GetHashAndReset()), file.Length);
            Publish(path, content.Hash);
            return content;
        }
        finally
        {
            File.Delete(path);
        }
    }

    /// <summary>What has come of contents that are being fetched; the caller alone writes to it.</summary>
    /// <returns>At its end, to be written on.</returns>
    public FileStream OpenPart(ContentHash hash)
    {
        var path = Path.Combine(root, "partial", hash.Hex);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        try
        {
            return OpenPart(path);
        }
        catch (IOException) when (File.Exists(path))
        {
            // Another process fetches the same: both get there.
            return OpenPart(NewPath());
        }
    }

    /// <summary>Takes what has come, if it is what it should be; else it is gone.</summary>
    /// <returns>Whether it was.</returns>
    public async Task<bool> FinishAsync(
        FileStream part,
        ContentHash expected,
        CancellationToken cancel
    )
    {
        var isWhole = await IsWholeAsync(expected, part, cancel);
        if (isWhole)
        {
            part.Flush(flushToDisk: true);
            Publish(part.Name, expected);
        }
        File.Delete(part.Name);
        return isWhole;
    }

    /// <summary>Whether a file is what its name says.</summary>
    public static async Task<bool> IsWholeAsync(
        ContentHash expected,
        FileStream file,
        CancellationToken cancel
    )
    {
        file.Position = 0;
        return ContentHash.Of(await SHA256.HashDataAsync(file, cancel)) == expected;
    }

    public void Delete(ContentHash hash) => File.Delete(PathOf(hash));

    private void Publish(string path, ContentHash hash)
    {
        var place = PathOf(hash);
        Directory.CreateDirectory(Path.GetDirectoryName(place)!);
        File.Move(path, place, overwrite: true);
    }

    private string NewPath()
    {
        var folder = Path.Combine(root, "partial");
        Directory.CreateDirectory(folder);
        return Path.Combine(folder, $"{Guid.NewGuid():N}.new");
    }

    private static FileStream OpenPart(string path)
    {
        var file = new FileStream(
            path,
            new FileStreamOptions
            {
                Mode = FileMode.OpenOrCreate,
                Access = FileAccess.ReadWrite,
                Share = FileShare.Delete,
                Options = FileOptions.Asynchronous,
            }
        );
        file.Seek(0, SeekOrigin.End);
        return file;
    }

    private static FileStream Create(string path) =>
        new(
            path,
            new FileStreamOptions
            {
                Mode = FileMode.CreateNew,
                Access = FileAccess.Write,
                Share = FileShare.Delete,
                Options = FileOptions.Asynchronous,
                BufferSize = 0,
            }
        );
}
