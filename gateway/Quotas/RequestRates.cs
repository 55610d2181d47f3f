using System.Threading.RateLimiting;
using Orchestra.Sync;
using Orchestra.Sync.Errors;
using Orchestra.Sync.Relay;

namespace Orchestra.Gateway.Quotas;

/// <summary>
/// How much an owner's devices may ask, together. A bucket in this process decides at once; with a
/// relay, whoever asks much is also counted over all gateways, in blocks and after the fact, so that
/// no request waits for it.
/// </summary>
internal sealed class RequestRates : IDisposable
{
    private static readonly TimeSpan LeastWait = TimeSpan.FromMilliseconds(100);

    private readonly RequestRate? rate;
    private readonly SharedRates? shared;
    private readonly PartitionedRateLimiter<OwnerId>? buckets;

    public RequestRates(GatewayOptions options, TimeProvider time, IRateRelay? relay = null)
    {
        rate = options.RequestRate;
        if (rate is null)
            return;
        // Those that have been full for a while go by themselves.
        buckets = PartitionedRateLimiter.Create<OwnerId, OwnerId>(owner =>
            RateLimitPartition.GetTokenBucketLimiter(owner, _ => ToOptions(rate))
        );
        if (relay is not null)
            shared = new SharedRates(relay, rate, time);
    }

    /// <exception cref="SyncException"><c>rate_limited</c>, with the time to wait.</exception>
    public void Require(OwnerId owner)
    {
        if (buckets is null)
            return;
        using var lease = buckets.AttemptAcquire(owner);
        if (!lease.IsAcquired)
            throw Refuse(
                lease.TryGetMetadata(MetadataName.RetryAfter, out var wait) ? wait : default
            );
        if (shared?.Count(owner) is { } more && more > TimeSpan.Zero)
            throw Refuse(more);
    }

    public void Dispose() => buckets?.Dispose();

    private SyncException Refuse(TimeSpan wait) =>
        new(
            ErrorCode.RateLimited,
            $"An owner's devices may ask {rate!.PerSecond} times a second, together"
        )
        {
            RetryAfter = wait > LeastWait ? wait : LeastWait,
        };

    private static TokenBucketRateLimiterOptions ToOptions(RequestRate rate) =>
        new()
        {
            TokenLimit = rate.Burst,
            TokensPerPeriod = 1,
            ReplenishmentPeriod = TimeSpan.FromSeconds(1d / rate.PerSecond),
            QueueLimit = 0,
        };
}
