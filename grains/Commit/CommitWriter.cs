using System.Threading.Channels;
using Microsoft.Extensions.Options;
using Orchestra.Sync.Store;

namespace Orchestra.Grains.Commit;

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
/// and one flush. While one is under way the next gathers.
/// </summary>
internal sealed class CommitWriter : IAsyncDisposable
{
    /// <summary>Commits waiting; an owner has one at a time, so this bounds owners.</summary>
    private const int QueueLength = 4_096;

    /// <summary>How often a commit whose owner is locked elsewhere comes again.</summary>
    private const int BusyAttempts = 3;

    private readonly ISyncStore store;
    private readonly CommitWriterOptions options;
    private readonly Channel<Waiting> queue = Channel.CreateBounded<Waiting>(QueueLength);
    private readonly Task loops;

    public CommitWriter(ISyncStore store, IOptions<CommitWriterOptions> options)
    {
        this.store = store;
        this.options = options.Value;
        loops = Task.WhenAll(
            Enumerable.Range(0, this.options.BatchesInFlight).Select(_ => Task.Run(RunAsync))
        );
    }

    /// <summary>What became of a commit, once that is certain.</summary>
    /// <exception cref="Orchestra.Sync.Errors.SyncException">Nothing happened.</exception>
    public async Task<CommitOutcome> CommitAsync(OwnerCommit commit)
    {
        for (var attempt = 1; ; attempt++)
        {
            var waiting = new Waiting(commit);
            await queue.Writer.WriteAsync(waiting);
            var outcome = await waiting.Outcome.Task;
            if (outcome != CommitOutcome.Busy || attempt == BusyAttempts)
                return outcome;
        }
    }

    public async ValueTask DisposeAsync()
    {
        queue.Writer.TryComplete();
        await loops;
    }

    private async Task RunAsync()
    {
        var batch = new List<Waiting>();
        while (await queue.Reader.WaitToReadAsync())
        {
            batch.Clear();
            var entries = 0;
            while (
                (batch.Count == 0 || entries < options.BatchEntries)
                && queue.Reader.TryRead(out var next)
            )
            {
                batch.Add(next);
                entries += next.Commit.Log.Count + 1;
            }
            if (batch.Count > 0)
                await WriteAsync(batch);
        }
    }

    private async Task WriteAsync(List<Waiting> batch)
    {
        try
        {
            var outcomes = await store.CommitAsync(
                [.. batch.Select(waiting => waiting.Commit)],
                CancellationToken.None
            );
            for (var i = 0; i < batch.Count; i++)
                batch[i].Outcome.SetResult(outcomes[i]);
        }
        catch (Exception e)
        {
            foreach (var waiting in batch)
                waiting.Outcome.TrySetException(e);
        }
    }

    private sealed record Waiting(OwnerCommit Commit)
    {
        public TaskCompletionSource<CommitOutcome> Outcome { get; } =
            new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
