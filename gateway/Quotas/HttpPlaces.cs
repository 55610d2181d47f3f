using System.Net;
using System.Threading.RateLimiting;

namespace Orchestra.Gateway.Quotas;

/// <summary>
/// Connections from one address that are no WebSockets, or not yet: half of those that there may be, so
/// that one machine cannot keep all others out. Who is upgraded leaves his place.
/// </summary>
public sealed class HttpPlaces(ConnectionLimits limits) : IDisposable
{
    private readonly PartitionedRateLimiter<IPAddress> addresses = PartitionedRateLimiter.Create<
        IPAddress,
        IPAddress
    >(address =>
        RateLimitPartition.GetConcurrencyLimiter(
            address,
            _ => new ConcurrencyLimiterOptions
            {
                PermitLimit = Math.Max(1, limits.Http / 2),
                QueueLimit = 0,
            }
        )
    );

    /// <returns>Null if there is none.</returns>
    public HttpPlace? TryEnter(IPAddress from)
    {
        var lease = addresses.AttemptAcquire(Admission.NetworkOf(from));
        if (lease.IsAcquired)
            return new HttpPlace(lease);
        lease.Dispose();
        return null;
    }

    public void Dispose() => addresses.Dispose();
}

/// <summary>One of them, a feature of its connection.</summary>
public sealed class HttpPlace(IDisposable lease) : IDisposable
{
    private int isLeft;

    /// <summary>Gives it back, once.</summary>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref isLeft, 1) == 0)
            lease.Dispose();
    }
}
