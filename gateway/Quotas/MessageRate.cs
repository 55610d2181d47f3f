using System.Threading.RateLimiting;

namespace Orchestra.Gateway.Quotas;

/// <summary>
/// How fast messages are read, whatever they are: those of all sockets of an owner together, in turns,
/// and those of each socket that has not said whose it is. Who sends more is not refused but read more
/// slowly, so that a flood waits in its sender's buffers.
/// </summary>
internal sealed class MessageRate(GatewayOptions options) : IDisposable
{
    private readonly PartitionedRateLimiter<object>? senders = options.Connections.MessagesPerSecond
        is > 0
            and var rate
        ? PartitionedRateLimiter.Create<object, object>(sender =>
            RateLimitPartition.GetTokenBucketLimiter(sender, _ => ToOptions(rate))
        )
        : null;

    /// <summary>Completes when the sender's next message may be looked at.</summary>
    /// <param name="sender">The owner, or whatever stands for a socket.</param>
    public async ValueTask WaitAsync(object sender)
    {
        if (senders is not null)
            (await senders.AcquireAsync(sender)).Dispose();
    }

    public void Dispose() => senders?.Dispose();

    private static TokenBucketRateLimiterOptions ToOptions(int perSecond) =>
        new()
        {
            TokenLimit = 2 * perSecond,
            TokensPerPeriod = 1,
            ReplenishmentPeriod = TimeSpan.FromSeconds(1d / perSecond),
            // A socket is read by one loop, which waits: there are as many as sockets.
            QueueLimit = int.MaxValue,
        };
}
