using System.Threading.RateLimiting;
using Orchestra.Sync.Errors;

namespace Orchestra.Database.Embeddings;

/// <summary>How fast an endpoint is asked. What is for rows waits, a search is refused.</summary>
internal sealed class EmbeddingPace : IDisposable
{
    private readonly TokenBucketRateLimiter? requests;
    private readonly TokenBucketRateLimiter? bytes;
    private readonly TokenBucketRateLimiter? queries;

    public EmbeddingPace(EmbeddingOptions options)
    {
        if (options.RequestsPerMinute > 0)
        {
            requests = Bucket(options.RequestsPerMinute, burst: 1, isPatient: true);
            queries = Bucket(
                options.RequestsPerMinute,
                // Ten seconds' worth: people do not search evenly.
                burst: Math.Max(1, options.RequestsPerMinute / 6),
                isPatient: false
            );
        }
        if (options.BytesPerMinute > 0)
            bytes = new(
                new()
                {
                    TokenLimit = options.BytesPerMinute,
                    TokensPerPeriod = Math.Max(1, options.BytesPerMinute / 60),
                    ReplenishmentPeriod = TimeSpan.FromSeconds(1),
                    QueueLimit = int.MaxValue,
                }
            );
    }

    /// <param name="count">Bytes that will be sent.</param>
    /// <param name="cancellation">Ends the waiting.</param>
    public async Task WaitAsync(int count, CancellationToken cancellation)
    {
        if (bytes is not null)
            (await bytes.AcquireAsync(count, cancellation)).Dispose();
        if (requests is not null)
            (await requests.AcquireAsync(1, cancellation)).Dispose();
    }

    /// <exception cref="SyncException"><c>rate_limited</c></exception>
    public void RequireQuery()
    {
        if (queries is null)
            return;
        using var lease = queries.AttemptAcquire();
        if (!lease.IsAcquired)
            throw new SyncException(
                ErrorCode.RateLimited,
                "More is searched for by meaning than the model may be asked"
            )
            {
                RetryAfter = lease.TryGetMetadata(MetadataName.RetryAfter, out var wait)
                    ? wait
                    : TimeSpan.FromSeconds(1),
            };
    }

    public void Dispose()
    {
        requests?.Dispose();
        bytes?.Dispose();
        queries?.Dispose();
    }

    private static TokenBucketRateLimiter Bucket(int perMinute, int burst, bool isPatient) =>
        new(
            new()
            {
                TokenLimit = burst,
                TokensPerPeriod = 1,
                ReplenishmentPeriod = TimeSpan.FromMinutes(1) / perMinute,
                QueueLimit = isPatient ? int.MaxValue : 0,
            }
        );
}
