using System.Collections.Concurrent;
using Orchestra.Grains.Measuring;
using Orchestra.Sync;
using Orchestra.Sync.Errors;
using Orchestra.Sync.Store;

namespace Orchestra.Grains.Store;

/// <summary>
/// Commits that go alone, so that they delay nobody: of an owner whose head somebody else keeps
/// locked, and for a while of one whose data the store refused, for such a commit undoes the batch
/// it is in.
/// </summary>
internal sealed class OwnLanes(ISyncStore store, TimeProvider time) : IDisposable
{
    /// <summary>Commits under way alone; each has a connection, and may wait for seconds.</summary>
    private const int Lanes = 8;

    /// <summary>Commits that may wait for a lane; an owner has one at a time.</summary>
    private const int QueueLength = 256;

    private static readonly TimeSpan OpenFor = TimeSpan.FromMinutes(1);

    private readonly SemaphoreSlim free = new(Lanes, Lanes);
    private readonly ConcurrentDictionary<OwnerId, DateTimeOffset> open = [];
    private int inside;

    /// <summary>From now on, for a minute, the owner's commits go alone.</summary>
    public void Open(OwnerId owner) => open[owner] = time.GetUtcNow() + OpenFor;

    public bool IsOpenFor(OwnerId owner)
    {
        if (open.IsEmpty || !open.TryGetValue(owner, out var until))
            return false;
        if (until > time.GetUtcNow())
            return true;
        open.TryRemove(new(owner, until));
        return false;
    }

    /// <exception cref="SyncException"><c>overloaded</c>: too many wait for a lane.</exception>
    public async Task<CommitOutcome> CommitAsync(OwnerCommit commit)
    {
        try
        {
            if (Interlocked.Increment(ref inside) > Lanes + QueueLength)
            {
                GrainMeter.Overload(GrainMeter.LaneQueue);
                throw new SyncException(ErrorCode.Overloaded, "Too many commits wait for others")
                {
                    RetryAfter = TimeSpan.FromSeconds(1),
                };
            }
            return await CommitInLaneAsync(commit);
        }
        finally
        {
            Interlocked.Decrement(ref inside);
        }
    }

    public void Dispose() => free.Dispose();

    private async Task<CommitOutcome> CommitInLaneAsync(OwnerCommit commit)
    {
        await free.WaitAsync();
        try
        {
            var outcome = await store.CommitAloneAsync(commit, CancellationToken.None);
            if (outcome == CommitOutcome.Refused)
                Open(commit.Owner);
            return outcome;
        }
        finally
        {
            free.Release();
        }
    }
}
