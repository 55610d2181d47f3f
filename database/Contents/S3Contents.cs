using System.Buffers;
using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using System.Runtime.ExceptionServices;
using System.Security.Cryptography;
using Orchestra.Sync;
using Orchestra.Sync.Contents;
using Orchestra.Sync.Errors;

namespace Orchestra.Database.Contents;

/// <summary>
/// Contents in an S3 bucket. Clients send to it and read from it by addresses that are signed for
/// them; what they have sent is verified, and copied to where it stays, when they say that it is there.
/// </summary>
/// <remarks>
/// The service copies at most 5 GiB in one piece, and takes no more in one PUT: larger contents end in
/// <c>store_unavailable</c>, so the server's limit should not be above that.
/// </remarks>
public sealed class S3Contents : IContentStore, IDisposable
{
    private const int BufferBytes = 128 * 1024;

    private static readonly TimeSpan ConnectTimeout = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan Stall = TimeSpan.FromSeconds(10);

    private readonly S3Bucket bucket;
    private readonly HttpClient sender;

    /// <summary>Keys that are being verified, which reads all of their bytes.</summary>
    private readonly ConcurrentDictionary<string, bool> verifying = [];

    public S3Contents(S3Options options, TimeProvider time)
    {
        bucket = new S3Bucket(options, time);
        sender = new HttpClient(
            new SocketsHttpHandler
            {
                ConnectTimeout = ConnectTimeout,
                AllowAutoRedirect = false,
                PooledConnectionIdleTimeout = TimeSpan.FromSeconds(30),
            }
        )
        {
            Timeout = Timeout.InfiniteTimeSpan,
        };
    }

    public async Task<UploadState> FindUploadAsync(Upload upload, CancellationToken cancellation)
    {
        var pending = S3Keys.OfPending(upload.Owner, upload.Hash);
        if (await bucket.FindAsync(pending, cancellation) is not { } sent)
            return new UploadState(0, Direct: await DirectAsync(upload, pending));
        if (!verifying.TryAdd(pending, true))
            throw Busy();
        try
        {
            if (
                sent.Size != upload.Size
                || await HashAsync(pending, sent, cancellation) != upload.Hash
            )
            {
                await bucket.DeleteAsync(pending, cancellation);
                throw SentContent.Mismatch();
            }
            var id = Guid.NewGuid();
            var place = S3Keys.Of(upload.Owner, upload.Hash, id);
            // The tag: an address to send to is good for several times, also since they were verified.
            if (!await bucket.CopyAsync(pending, sent.Tag, place, cancellation))
                throw Busy();
            await bucket.DeleteAsync(pending, cancellation);
            return new UploadState(upload.Size, id);
        }
        finally
        {
            verifying.TryRemove(pending, out _);
        }
    }

    /// <summary>
    /// All at once or not at all: what has come before a connection breaks is gone. An object is there
    /// only once the PUT has ended, so they go straight to where they stay.
    /// </summary>
    /// <inheritdoc/>
    public async Task<UploadState> ReceiveAsync(
        Upload upload,
        long offset,
        Stream bytes,
        CancellationToken cancellation
    )
    {
        if (offset != 0)
            return new UploadState(0);
        var id = Guid.NewGuid();
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        using var content = new SentContent(bytes, upload, patience);
        var key = S3Keys.Of(upload.Owner, upload.Hash, id);
        // A service that is not there would be found out late, with all that is on its way to it.
        await bucket.FindAsync(key, cancellation);
        try
        {
            if (upload.Size == 0)
                await content.RequireNothingAsync(cancellation);
            await S3Bucket.GuardAsync(
                () => SendAsync(key, upload, content, patience),
                cancellation
            );
            return new UploadState(upload.Size, id);
        }
        catch (Exception) when (content.Fault is not null)
        {
            if (content.Fault is EndOfStreamException)
                return new UploadState(0);
            ExceptionDispatchInfo.Throw(content.Fault);
            throw;
        }
    }

    public async Task<ContentPlace?> FindAsync(
        OwnerId owner,
        Content content,
        CancellationToken cancellation
    )
    {
        var key = S3Keys.Of(owner, content.Hash, content.Upload);
        return await bucket.FindAsync(key, cancellation) is null
            ? null
            : new ContentPlace(null, await bucket.SignGetAsync(key));
    }

    public Task<Stream?> OpenAsync(
        OwnerId owner,
        Content content,
        CancellationToken cancellation
    ) => bucket.OpenAsync(S3Keys.Of(owner, content.Hash, content.Upload), tag: null, cancellation);

    public Task DeleteAsync(StoredContent stored, CancellationToken cancellation) =>
        bucket.DeleteAsync(
            stored.Upload is { } upload
                ? S3Keys.Of(stored.Owner, stored.Hash, upload)
                : S3Keys.OfPending(stored.Owner, stored.Hash),
            cancellation
        );

    public async IAsyncEnumerable<StoredContent> ListAsync(
        [EnumeratorCancellation] CancellationToken cancellation
    )
    {
        await using var whole = ListAsync(S3Keys.Contents, cancellation)
            .GetAsyncEnumerator(cancellation);
        await using var pending = ListAsync(S3Keys.Pending, cancellation)
            .GetAsyncEnumerator(cancellation);
        var (isWhole, isPending) = (await whole.MoveNextAsync(), await pending.MoveNextAsync());
        while (isWhole || isPending)
        {
            // Both are sorted by their owners' names.
            if (isWhole && (!isPending || Compare(whole.Current, pending.Current) <= 0))
            {
                yield return whole.Current;
                isWhole = await whole.MoveNextAsync();
            }
            else
            {
                yield return pending.Current;
                isPending = await pending.MoveNextAsync();
            }
        }
    }

    public void Dispose()
    {
        bucket.Dispose();
        sender.Dispose();
    }

    private static int Compare(StoredContent one, StoredContent other) =>
        string.CompareOrdinal($"{one.Owner}", $"{other.Owner}");

    private async IAsyncEnumerable<StoredContent> ListAsync(
        string prefix,
        [EnumeratorCancellation] CancellationToken cancellation
    )
    {
        string? after = null;
        do
        {
            var page = await bucket.ListAsync(prefix, after, cancellation);
            foreach (var item in page.S3Objects ?? [])
            {
                var at = new DateTimeOffset(item.LastModified!.Value.ToUniversalTime());
                if (S3Keys.Read(item.Key, item.Size!.Value, at) is { } stored)
                    yield return stored;
            }
            after = page.IsTruncated == true ? page.NextContinuationToken : null;
        } while (after is not null);
    }

    private async Task<DirectUpload> DirectAsync(Upload upload, string key)
    {
        var headers = HeadersOf(upload);
        return new(await bucket.SignPutAsync(key, upload.Size, headers), headers);
    }

    /// <summary>What makes the service compute the SHA-256 and refuse what has another.</summary>
    private static Dictionary<string, string> HeadersOf(Upload upload) =>
        new()
        {
            ["x-amz-checksum-sha256"] = Convert.ToBase64String(
                Convert.FromHexString(upload.Hash.Hex)
            ),
            // Ceph looks for it only where this is said.
            ["x-amz-sdk-checksum-algorithm"] = "SHA256",
        };

    /// <summary>The same PUT that a client would do.</summary>
    private async Task<bool> SendAsync(
        string key,
        Upload upload,
        SentContent content,
        CancellationTokenSource patience
    )
    {
        var direct = await DirectAsync(upload, key);
        using var request = new HttpRequestMessage(HttpMethod.Put, direct.Url)
        {
            Content = content,
        };
        foreach (var (name, value) in direct.Headers)
            request.Headers.Add(name, value);
        patience.CancelAfter(Stall);
        using var answer = await sender.SendAsync(request, patience.Token);
        return answer.IsSuccessStatusCode
            ? true
            : throw new HttpRequestException($"A PUT was answered with {(int)answer.StatusCode}");
    }

    private async Task<ContentHash> HashAsync(
        string key,
        S3Object sent,
        CancellationToken cancellation
    )
    {
        if (sent.Sha256 is { } known)
            return ContentHash.Of(known);
        await using var stream =
            await bucket.OpenAsync(key, sent.Tag, cancellation) ?? throw Busy();
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        return await S3Bucket.GuardAsync(() => HashAsync(stream, patience), cancellation);
    }

    private static async Task<ContentHash> HashAsync(
        Stream stream,
        CancellationTokenSource patience
    )
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var buffer = ArrayPool<byte>.Shared.Rent(BufferBytes);
        try
        {
            patience.CancelAfter(Stall);
            while (await stream.ReadAsync(buffer, patience.Token) is var count and > 0)
            {
                hash.AppendData(buffer, 0, count);
                patience.CancelAfter(Stall);
            }
            return ContentHash.Of(hash.GetHashAndReset());
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private static SyncException Busy() =>
        new(ErrorCode.Overloaded, "The same contents are being received already", "sha256")
        {
            RetryAfter = TimeSpan.FromSeconds(1),
        };
}
