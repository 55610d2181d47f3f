using System.Threading.RateLimiting;
using Orchestra.Sync;
using Orchestra.Sync.Errors;

namespace Orchestra.Gateway.Quotas;

/// <summary>
/// An owner's devices take turns where one question can cost much: few of his requests are served at
/// a time, and the next wait, so that they take the store's readers and the memory from each other and
/// not from somebody else.
/// </summary>
internal sealed class OwnerTurns : IDisposable
{
    private const int LongReads = 2;

    /// <summary>Every socket has one at a time; beyond that many requests are refused.</summary>
    private const int LongReadsWaiting = 1_000;
    private const int Bodies = 64;
    private const int Uploads = 8;

    private readonly PartitionedRateLimiter<OwnerId> reads = Turns(LongReads, LongReadsWaiting);
    private readonly PartitionedRateLimiter<OwnerId> bodies = Turns(Bodies, waiting: 0);
    private readonly PartitionedRateLimiter<OwnerId> uploads = Turns(Uploads, waiting: 0);

    /// <summary>For contents that come, which may take hours.</summary>
    /// <exception cref="SyncException"><c>overloaded</c></exception>
    public IDisposable Upload(OwnerId owner) => Require(uploads.AttemptAcquire(owner));

    /// <summary>For a question that reads many rows.</summary>
    /// <param name="owner">Whose turn it is.</param>
    /// <param name="gone">Whoever asked has left, and keeps no place in the line.</param>
    /// <exception cref="SyncException"><c>overloaded</c></exception>
    public async Task<IDisposable> ReadAsync(OwnerId owner, CancellationToken gone) =>
        Require(await reads.AcquireAsync(owner, cancellationToken: gone));

    /// <summary>For the body of an HTTP request, which may come slowly.</summary>
    /// <exception cref="SyncException"><c>overloaded</c></exception>
    public IDisposable Enter(OwnerId owner) => Require(bodies.AttemptAcquire(owner));

    public void Dispose()
    {
        reads.Dispose();
        bodies.Dispose();
        uploads.Dispose();
    }

    private static RateLimitLease Require(RateLimitLease turn)
    {
        if (turn.IsAcquired)
            return turn;
        turn.Dispose();
        throw new SyncException(
            ErrorCode.Overloaded,
            "Too many requests of this owner wait for their answers already"
        )
        {
            RetryAfter = TimeSpan.FromSeconds(1),
        };
    }

    private static PartitionedRateLimiter<OwnerId> Turns(int count, int waiting) =>
        PartitionedRateLimiter.Create<OwnerId, OwnerId>(owner =>
            RateLimitPartition.GetConcurrencyLimiter(
                owner,
                _ => new ConcurrencyLimiterOptions { PermitLimit = count, QueueLimit = waiting }
            )
        );
}
