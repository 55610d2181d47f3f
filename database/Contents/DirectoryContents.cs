using System.Buffers;
using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using Orchestra.Sync;
using Orchestra.Sync.Contents;
using Orchestra.Sync.Errors;

namespace Orchestra.Database.Contents;

/// <summary>
/// Contents as files: <c>{owner}/{two digits}/{hash}.{upload}</c>, and what is still coming as
/// <c>{owner}/partial/{hash}</c>. For one process, or several that share a file system.
/// </summary>
public sealed class DirectoryContents(string root) : IContentStore
{
    private const string Partial = "partial";
    private const int BufferBytes = 128 * 1024;

    public Task<UploadState> FindUploadAsync(Upload upload, CancellationToken cancellation) =>
        GuardAsync(() =>
        {
            var file = new FileInfo(PartialOf(upload.Owner, upload.Hash));
            return Task.FromResult(new UploadState(file.Exists ? file.Length : 0));
        });

    public Task<UploadState> ReceiveAsync(
        Upload upload,
        long offset,
        Stream bytes,
        CancellationToken cancellation
    ) =>
        GuardAsync(async () =>
        {
            var path = PartialOf(upload.Owner, upload.Hash);
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            await using var file = OpenAlone(path);
            if (offset == 0 || file.Length > upload.Size)
                file.SetLength(0);
            if (offset != file.Length)
                return new UploadState(file.Length);
            using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
            await CopyAsync(file, hash, null, upload.Size, cancellation);
            await CopyAsync(bytes, hash, file, upload.Size - offset, cancellation);
            await file.FlushAsync(cancellation);
            if (file.Length < upload.Size)
                return new UploadState(file.Length);
            if (ContentHash.Of(hash.GetHashAndReset()) != upload.Hash)
            {
                File.Delete(path);
                throw new SyncException(
                    ErrorCode.HashMismatch,
                    "What has come is not what it was said to be; send it again",
                    "sha256"
                );
            }
            file.Flush(flushToDisk: true);
            return new UploadState(upload.Size, Publish(upload, path));
        });

    public Task<ContentPlace?> FindAsync(
        OwnerId owner,
        Content content,
        CancellationToken cancellation
    ) =>
        GuardAsync(() =>
        {
            var path = PathOf(owner, content.Hash, content.Upload);
            return Task.FromResult(File.Exists(path) ? new ContentPlace(path, null) : null);
        });

    public Task<Stream?> OpenAsync(
        OwnerId owner,
        Content content,
        CancellationToken cancellation
    ) =>
        GuardAsync(() =>
        {
            var path = PathOf(owner, content.Hash, content.Upload);
            return Task.FromResult<Stream?>(File.Exists(path) ? OpenToRead(path) : null);
        });

    public Task DeleteAsync(StoredContent stored, CancellationToken cancellation) =>
        GuardAsync(() =>
        {
            var path = stored.Upload is { } upload
                ? PathOf(stored.Owner, stored.Hash, upload)
                : PartialOf(stored.Owner, stored.Hash);
            if (File.Exists(path))
                File.Delete(path);
            return Task.FromResult(true);
        });

    public async IAsyncEnumerable<StoredContent> ListAsync(
        [EnumeratorCancellation] CancellationToken cancellation
    )
    {
        await Task.CompletedTask;
        if (!Directory.Exists(root))
            yield break;
        foreach (var folder in Directory.EnumerateDirectories(root))
        {
            if (!Guid.TryParseExact(Path.GetFileName(folder), "D", out var owner))
                continue;
            var files = new DirectoryInfo(folder).EnumerateFiles("*", SearchOption.AllDirectories);
            foreach (var file in files)
            {
                cancellation.ThrowIfCancellationRequested();
                if (Read(new OwnerId(owner), file) is { } stored)
                    yield return stored;
            }
        }
    }

    private static StoredContent? Read(OwnerId owner, FileInfo file)
    {
        var isPartial = file.Directory!.Name == Partial;
        var (name, upload) = (file.Name, Guid.Empty);
        if (!isPartial && !Guid.TryParseExact(file.Extension.TrimStart('.'), "N", out upload))
            return null;
        return ContentHash.TryParse(Path.GetFileNameWithoutExtension(name), out var hash)
            ? new(owner, hash, isPartial ? null : upload, file.Length, file.LastWriteTimeUtc)
            : null;
    }

    /// <summary>What is here has come and was verified: the one step that makes it so for good.</summary>
    private Guid Publish(Upload upload, string path)
    {
        var id = Guid.NewGuid();
        var place = PathOf(upload.Owner, upload.Hash, id);
        var folder = Path.GetDirectoryName(place)!;
        Directory.CreateDirectory(folder);
        File.Move(path, place);
        DurableDirectory.Flush(folder);
        return id;
    }

    /// <param name="from">What to read.</param>
    /// <param name="hash">Takes all that is read.</param>
    /// <param name="to">Takes it too; null = nobody.</param>
    /// <param name="most">Bytes that there may be.</param>
    /// <param name="cancellation">Stops it.</param>
    private static async Task CopyAsync(
        Stream from,
        IncrementalHash hash,
        Stream? to,
        long most,
        CancellationToken cancellation
    )
    {
        var buffer = ArrayPool<byte>.Shared.Rent(BufferBytes);
        try
        {
            while (await from.ReadAsync(buffer.AsMemory(), cancellation) is var count and > 0)
            {
                most -= count;
                if (most < 0)
                    throw new SyncException(
                        ErrorCode.InvalidValue,
                        "There are more bytes than were announced",
                        "size"
                    );
                hash.AppendData(buffer, 0, count);
                if (to is not null)
                    await to.WriteAsync(buffer.AsMemory(0, count), cancellation);
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private static FileStream OpenAlone(string path)
    {
        try
        {
            var file = new FileStream(
                path,
                new FileStreamOptions
                {
                    Mode = FileMode.OpenOrCreate,
                    Access = FileAccess.ReadWrite,
                    // Publishing moves it while it is open. Elsewhere that needs no leave, and this
                    // one would let others in.
                    Share = OperatingSystem.IsWindows() ? FileShare.Delete : FileShare.None,
                    Options = FileOptions.Asynchronous,
                    BufferSize = 0,
                }
            );
            if (File.Exists(path))
                return file;
            // Between its opening and its locking somebody else has published it.
            file.Dispose();
            throw Busy();
        }
        catch (IOException) when (File.Exists(path))
        {
            throw Busy();
        }
    }

    private static SyncException Busy() =>
        new(ErrorCode.Overloaded, "The same contents are being received already", "sha256")
        {
            RetryAfter = TimeSpan.FromSeconds(1),
        };

    private static FileStream OpenToRead(string path) =>
        new(
            path,
            new FileStreamOptions
            {
                Share = FileShare.Read | FileShare.Delete,
                Options = FileOptions.Asynchronous | FileOptions.SequentialScan,
            }
        );

    private string PathOf(OwnerId owner, ContentHash hash, Guid upload) =>
        Path.Combine(root, $"{owner}", hash.Hex[..2], $"{hash}.{upload:N}");

    private string PartialOf(OwnerId owner, ContentHash hash) =>
        Path.Combine(root, $"{owner}", Partial, hash.Hex);

    /// <summary>A full disk is the store's trouble; a broken connection is the sender's.</summary>
    private static async Task<T> GuardAsync<T>(Func<Task<T>> work)
    {
        try
        {
            return await work();
        }
        catch (Exception e)
            when (e is UnauthorizedAccessException or IOException
                && e.GetType().Assembly == typeof(IOException).Assembly
            )
        {
            StoreMeter.CountContents();
            throw new SyncException(
                ErrorCode.StoreUnavailable,
                "Contents cannot be read or written now",
                e
            );
        }
    }
}
