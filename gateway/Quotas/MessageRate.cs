using System.Threading.RateLimiting;

namespace Orchestra.Gateway.Quotas;

/// <summary>
/// How fast the messages of one socket are read, whatever they are. A socket that sends more is not
/// refused but read more slowly, so that a flood waits in its sender's buffers. Sockets that are not in
/// a hurry cost nothing here.
/// </summary>
internal sealed class MessageRate(GatewayOptions options) : IDisposable
{
    private readonly PartitionedRateLimiter<object>? sockets = options.Connections.MessagesPerSecond
        is > 0
            and var rate
        ? PartitionedRateLimiter.Create<object, object>(socket =>
            RateLimitPartition.GetTokenBucketLimiter(socket, _ => ToOptions(rate))
        )
        : null;

    /// <summary>Completes when the socket's next message may be looked at.</summary>
    /// <param name="socket">Whatever stands for it, the same each time.</param>
    public async ValueTask WaitAsync(object socket)
    {
        if (sockets is not null)
            (await sockets.AcquireAsync(socket)).Dispose();
    }

    public void Dispose() => sockets?.Dispose();

    private static TokenBucketRateLimiterOptions ToOptions(int perSecond) =>
        new()
        {
            TokenLimit = 2 * perSecond,
            TokensPerPeriod = 1,
            ReplenishmentPeriod = TimeSpan.FromSeconds(1d / perSecond),
            // A socket is read by one loop, which waits.
            QueueLimit = 1,
        };
}
