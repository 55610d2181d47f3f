using System.Threading.RateLimiting;
using Orchestra.Sync;
using Orchestra.Sync.Errors;

namespace Orchestra.Database.Embeddings;

/// <summary>
/// How fast an endpoint is asked. What is for rows waits, a search is refused. Of the searches an owner
/// gets a part, so that he leaves something to others however much he asks.
/// </summary>
internal sealed class EmbeddingPace : IDisposable
{
    /// <summary>An owner's part of what may be asked for searches in the long run, and of a burst.</summary>
    private const int OwnersShare = 4;
    private const int OwnersBurst = 2;

    private readonly TokenBucketRateLimiter? requests;
    private readonly TokenBucketRateLimiter? bytes;
    private readonly TokenBucketRateLimiter? queries;
    private readonly PartitionedRateLimiter<OwnerId>? owners;

    public EmbeddingPace(EmbeddingOptions options)
    {
        if (options.RequestsPerMinute > 0)
        {
            requests = Bucket(options.RequestsPerMinute, burst: 1, isPatient: true);
            // Ten seconds' worth: people do not search evenly.
            var burst = Math.Max(1, options.RequestsPerMinute / 6);
            queries = Bucket(options.RequestsPerMinute, burst, isPatient: false);
            var own = Limits(
                options.RequestsPerMinute / (double)OwnersShare,
                Math.Max(1, burst / OwnersBurst),
                isPatient: false
            );
            // Those that have been full for a while go by themselves.
            owners = PartitionedRateLimiter.Create<OwnerId, OwnerId>(owner =>
                RateLimitPartition.GetTokenBucketLimiter(owner, _ => own)
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

    /// <param name="owner">Who searches.</param>
    /// <exception cref="SyncException"><c>rate_limited</c></exception>
    public void RequireQuery(OwnerId owner)
    {
        if (queries is null)
            return;
        // The owner's first: what he is refused takes nothing from others.
        using var own = owners!.AttemptAcquire(owner);
        Require(own, "More is searched for by meaning than an owner may ask the model");
        using var all = queries.AttemptAcquire();
        Require(all, "More is searched for by meaning than the model may be asked");
    }

    public void Dispose()
    {
        requests?.Dispose();
        bytes?.Dispose();
        queries?.Dispose();
        owners?.Dispose();
    }

    private static void Require(RateLimitLease lease, string otherwise)
    {
        if (!lease.IsAcquired)
            throw new SyncException(ErrorCode.RateLimited, otherwise)
            {
                RetryAfter = lease.TryGetMetadata(MetadataName.RetryAfter, out var wait)
                    ? wait
                    : TimeSpan.FromSeconds(1),
            };
    }

    private static TokenBucketRateLimiter Bucket(int perMinute, int burst, bool isPatient) =>
        new(Limits(perMinute, burst, isPatient));

    private static TokenBucketRateLimiterOptions Limits(
        double perMinute,
        int burst,
        bool isPatient
    ) =>
        new()
        {
            TokenLimit = burst,
            TokensPerPeriod = 1,
            ReplenishmentPeriod = TimeSpan.FromMinutes(1) / perMinute,
            QueueLimit = isPatient ? int.MaxValue : 0,
        };
}
