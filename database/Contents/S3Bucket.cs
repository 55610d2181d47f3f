using System.Net;
using Amazon;
using Amazon.Runtime;
using Amazon.S3;
using Amazon.S3.Model;
using Orchestra.Sync.Errors;

namespace Orchestra.Database.Contents;

/// <summary>What contents need of the S3 API, with bounds on how long it takes.</summary>
/// <remarks>
/// Every call may throw <see cref="SyncException"/> with <c>store_unavailable</c>, within ten seconds
/// if the service is not there. What the service says is not passed on.
/// </remarks>
internal sealed class S3Bucket : IDisposable
{
    /// <summary>Of two attempts each; together they stay below ten seconds.</summary>
    private static readonly TimeSpan AnswerTimeout = TimeSpan.FromSeconds(4);
    private static readonly TimeSpan ConnectTimeout = TimeSpan.FromSeconds(2);

    /// <summary>The service moves the bytes of a copy itself, up to 5 GiB of them.</summary>
    private static readonly TimeSpan CopyTimeout = TimeSpan.FromMinutes(10);

    private readonly S3Options options;
    private readonly TimeProvider time;
    private readonly AmazonS3Client quick;
    private readonly AmazonS3Client patient;

    public S3Bucket(S3Options options, TimeProvider time)
    {
        this.options = options;
        this.time = time;
        quick = Open(options, AnswerTimeout, retries: 1);
        patient = Open(options, CopyTimeout, retries: 0);
    }

    /// <returns>Null if there is no such object.</returns>
    public Task<S3Object?> FindAsync(string key, CancellationToken cancellation) =>
        GuardAsync<S3Object?>(
            async () =>
            {
                try
                {
                    var head = await quick.GetObjectMetadataAsync(
                        new GetObjectMetadataRequest
                        {
                            BucketName = options.Bucket,
                            Key = key,
                            ChecksumMode = ChecksumMode.ENABLED,
                        },
                        cancellation
                    );
                    return new(head.ContentLength, head.ETag, Sha256Of(head));
                }
                catch (AmazonServiceException e) when (IsMissing(e))
                {
                    return null;
                }
            },
            cancellation
        );

    /// <param name="key">Which object.</param>
    /// <param name="tag">Only as long as it has this tag; null = whichever it has.</param>
    /// <param name="cancellation">Stops it.</param>
    /// <returns>Null if there is no such object, or it has another tag.</returns>
    public Task<Stream?> OpenAsync(string key, string? tag, CancellationToken cancellation) =>
        GuardAsync(
            async () =>
            {
                try
                {
                    var answer = await quick.GetObjectAsync(
                        new GetObjectRequest
                        {
                            BucketName = options.Bucket,
                            Key = key,
                            EtagToMatch = tag,
                        },
                        cancellation
                    );
                    return answer.ResponseStream;
                }
                catch (AmazonServiceException e) when (IsMissing(e) || IsAnother(e))
                {
                    return null;
                }
            },
            cancellation
        );

    /// <summary>Copies an object that has this tag.</summary>
    /// <returns>Whether there was one.</returns>
    public Task<bool> CopyAsync(
        string from,
        string tag,
        string to,
        CancellationToken cancellation
    ) =>
        GuardAsync(
            async () =>
            {
                try
                {
                    await patient.CopyObjectAsync(
                        new CopyObjectRequest
                        {
                            SourceBucket = options.Bucket,
                            SourceKey = from,
                            ETagToMatch = tag,
                            DestinationBucket = options.Bucket,
                            DestinationKey = to,
                            // None of what the sender has called it.
                            MetadataDirective = S3MetadataDirective.REPLACE,
                            ContentType = ContentType,
                        },
                        cancellation
                    );
                    return true;
                }
                catch (AmazonServiceException e) when (IsMissing(e) || IsAnother(e))
                {
                    return false;
                }
            },
            cancellation
        );

    public Task DeleteAsync(string key, CancellationToken cancellation) =>
        GuardAsync(
            async () =>
            {
                try
                {
                    await quick.DeleteObjectAsync(options.Bucket, key, cancellation);
                }
                catch (AmazonServiceException e) when (IsMissing(e))
                {
                    // As wanted.
                }
                return true;
            },
            cancellation
        );

    /// <summary>A page of objects, in the order of their keys.</summary>
    /// <param name="prefix">What their keys begin with.</param>
    /// <param name="after">Where the last page ended; null = from the beginning.</param>
    /// <param name="cancellation">Stops it.</param>
    public Task<ListObjectsV2Response> ListAsync(
        string prefix,
        string? after,
        CancellationToken cancellation
    ) =>
        GuardAsync(
            () =>
                quick.ListObjectsV2Async(
                    new ListObjectsV2Request
                    {
                        BucketName = options.Bucket,
                        Prefix = prefix,
                        MaxKeys = options.PageKeys,
                        ContinuationToken = after,
                    },
                    cancellation
                ),
            cancellation
        );

    /// <summary>An address that takes one PUT of so many bytes with these headers, and no other.</summary>
    public Task<Uri> SignPutAsync(
        string key,
        long size,
        IReadOnlyDictionary<string, string> headers
    )
    {
        var request = Request(key, HttpVerb.PUT, options.UploadFor);
        request.Headers.ContentLength = size;
        foreach (var (name, value) in headers)
            request.Headers[name] = value;
        return SignAsync(request);
    }

    /// <summary>An address that serves an object, as a file of no kind.</summary>
    public Task<Uri> SignGetAsync(string key)
    {
        var request = Request(key, HttpVerb.GET, options.ReadFor);
        // Whatever they are, a browser shall not take them for a page.
        request.ResponseHeaderOverrides.ContentType = ContentType;
        request.ResponseHeaderOverrides.ContentDisposition = "attachment";
        request.ResponseHeaderOverrides.CacheControl = "private, max-age=31536000, immutable";
        return SignAsync(request);
    }

    public void Dispose()
    {
        quick.Dispose();
        patient.Dispose();
    }

    /// <summary>What goes wrong on the way to the service or there, in the words of this project.</summary>
    public static async Task<T> GuardAsync<T>(Func<Task<T>> work, CancellationToken cancellation)
    {
        try
        {
            return await work();
        }
        catch (Exception e)
            when (e is AmazonServiceException or AmazonClientException
                || e is HttpRequestException or IOException or TimeoutException
                || (e is OperationCanceledException && !cancellation.IsCancellationRequested)
            )
        {
            throw Unavailable(e);
        }
    }

    public static SyncException Unavailable(Exception inner)
    {
        StoreMeter.CountContents();
        return new(ErrorCode.StoreUnavailable, "Contents cannot be read or written now", inner);
    }

    private const string ContentType = "application/octet-stream";

    private GetPreSignedUrlRequest Request(string key, HttpVerb verb, TimeSpan patience) =>
        new()
        {
            BucketName = options.Bucket,
            Key = key,
            Verb = verb,
            Expires = (time.GetUtcNow() + patience).UtcDateTime,
            Protocol = options.Url?.Scheme == Uri.UriSchemeHttp ? Protocol.HTTP : Protocol.HTTPS,
        };

    private Task<Uri> SignAsync(GetPreSignedUrlRequest request) =>
        GuardAsync(
            async () => new Uri(await quick.GetPreSignedURLAsync(request)),
            CancellationToken.None
        );

    /// <summary>That of all the bytes, if the service has computed one.</summary>
    private static byte[]? Sha256Of(GetObjectMetadataResponse head)
    {
        var sha256 = new byte[32];
        return
            head.ChecksumSHA256 is { } text
            && head.ChecksumType != ChecksumType.COMPOSITE
            && Convert.TryFromBase64String(text, sha256, out var count)
            && count == sha256.Length
            ? sha256
            : null;
    }

    private static bool IsMissing(AmazonServiceException e) =>
        e.StatusCode == HttpStatusCode.NotFound && e.ErrorCode != "NoSuchBucket";

    private static bool IsAnother(AmazonServiceException e) =>
        e.StatusCode == HttpStatusCode.PreconditionFailed;

    private static AmazonS3Client Open(S3Options options, TimeSpan timeout, int retries)
    {
        var config = new AmazonS3Config
        {
            ConnectTimeout = ConnectTimeout,
            Timeout = timeout,
            MaxErrorRetry = retries,
            // Others than Amazon refuse what they do not know.
            RequestChecksumCalculation = RequestChecksumCalculation.WHEN_REQUIRED,
            ResponseChecksumValidation = ResponseChecksumValidation.WHEN_REQUIRED,
        };
        if (options.Url is { } url)
        {
            config.ServiceURL = url.AbsoluteUri;
            config.AuthenticationRegion = options.Region;
            config.ForcePathStyle = true;
        }
        else
            config.RegionEndpoint = RegionEndpoint.GetBySystemName(options.Region);
        return options.AccessKey is { } key
            ? new AmazonS3Client(new BasicAWSCredentials(key, options.SecretKey), config)
            : new AmazonS3Client(config);
    }
}

/// <param name="Size">Bytes.</param>
/// <param name="Tag">Another one as soon as it is another object.</param>
/// <param name="Sha256">As the service has computed it; null = it has not.</param>
internal sealed record S3Object(long Size, string Tag, byte[]? Sha256);
