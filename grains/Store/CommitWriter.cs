using Microsoft.Extensions.Options;
using Orchestra.Grains.Measuring;
using Orchestra.Sync.Store;

namespace Orchestra.Grains.Store;

/// <summary>How the silo's commits share the store.</summary>
public sealed class CommitWriterOptions
{
    /// <summary>Transactions under way at once. SQLite has one writer; PostgreSQL gains up to 4.</summary>
    public int BatchesInFlight { get; set; } = 1;

    /// <summary>Log entries in one transaction, unless a single commit has more.</summary>
    public int BatchEntries { get; set; } = 1_000;
}

/// <summary>
/// The silo's door to the store: what many owners commit at the same moment becomes one transaction
/// and one flush.
/// </summary>
internal sealed class CommitWriter : IAsyncDisposable
{
    /// <summary>How often a commit whose owner is locked elsewhere comes again at once.</summary>
    private const int BusyAttempts = 3;

    private readonly ISyncStore store;
    private readonly TimeProvider time;
    private readonly Gathering<OwnerCommit, CommitOutcome> together;
    private readonly OwnLanes lanes;

    public CommitWriter(
        ISyncStore store,
        IOptions<CommitWriterOptions> options,
        TimeProvider time,
        TaskScheduler? scheduler = null
    )
    {
        this.store = store;
        this.time = time;
        lanes = new OwnLanes(store, time);
        together = new Gathering<OwnerCommit, CommitOutcome>(
            "write",
            WriteAsync,
            commit => commit.Log.Count + 1,
            options.Value.BatchEntries,
            options.Value.BatchesInFlight,
            scheduler
        );
    }

    /// <summary>What became of a commit, once that is certain.</summary>
    /// <exception cref="Orchestra.Sync.Errors.SyncException">Nothing happened.</exception>
    public async Task<CommitOutcome> CommitAsync(OwnerCommit commit)
    {
        var start = time.GetTimestamp();
        try
        {
            if (lanes.IsOpenFor(commit.Owner))
                return await lanes.CommitAsync(commit);
            for (var attempt = 0; attempt < BusyAttempts; attempt++)
            {
                var outcome = await together.AskAsync(commit);
                if (outcome == CommitOutcome.Refused)
                    lanes.Open(commit.Owner);
                if (outcome != CommitOutcome.Busy)
                    return outcome;
            }
            return await lanes.CommitAsync(commit);
        }
        finally
        {
            GrainMeter.CommitDuration.Record(time.GetElapsedTime(start).TotalSeconds);
        }
    }

    private Task<IReadOnlyList<CommitOutcome>> WriteAsync(IReadOnlyList<OwnerCommit> commits)
    {
        GrainMeter.CommitOwners.Record(commits.Count);
        return store.CommitAsync(commits, CancellationToken.None);
    }

    public async ValueTask DisposeAsync()
    {
        await together.DisposeAsync();
        lanes.Dispose();
    }
}
