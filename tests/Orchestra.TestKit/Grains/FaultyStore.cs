using Orchestra.Sync;
using Orchestra.Sync.Catalog;
using Orchestra.Sync.Contents;
using Orchestra.Sync.Errors;
using Orchestra.Sync.Search;
using Orchestra.Sync.Store;

namespace Orchestra.TestKit.Grains;

/// <summary>
/// A real store that can be made to fail around a commit, the way a connection that breaks does.
/// Counts what happened, so that a fault without effect is noticed.
/// </summary>
public sealed class FaultyStore(ISyncStore store) : ISyncStore
{
    private readonly Queue<CommitFault> faults = [];
    private int loads;

    /// <summary>Transactions that were asked for.</summary>
    public int Commits { get; private set; }

    /// <summary>Owners that were loaded.</summary>
    public int Loads => Volatile.Read(ref loads);

    /// <summary>Faults that took place.</summary>
    public int FaultsMet { get; private set; }

    /// <summary>Runs before the next commit, once.</summary>
    public Func<Task>? BeforeCommit { get; set; }

    /// <summary>Makes the coming commits fail, one after the other.</summary>
    public void FailNext(params IEnumerable<CommitFault> coming)
    {
        foreach (var fault in coming)
            faults.Enqueue(fault);
    }

    public Task<IReadOnlyList<CommitOutcome>> CommitAsync(
        IReadOnlyList<OwnerCommit> commits,
        CancellationToken cancellation
    ) => MeetFaultAsync(commits, () => store.CommitAsync(commits, cancellation));

    public async Task<CommitOutcome> CommitAloneAsync(
        OwnerCommit commit,
        CancellationToken cancellation
    )
    {
        var outcomes = await MeetFaultAsync(
            [commit],
            async () => [await store.CommitAloneAsync(commit, cancellation)]
        );
        return outcomes[0];
    }

    private async Task<IReadOnlyList<CommitOutcome>> MeetFaultAsync(
        IReadOnlyList<OwnerCommit> commits,
        Func<Task<IReadOnlyList<CommitOutcome>>> commit
    )
    {
        if (BeforeCommit is { } interfere)
        {
            BeforeCommit = null;
            await interfere();
        }
        Commits++;
        if (!faults.TryDequeue(out var fault))
            return await commit();
        FaultsMet++;
        switch (fault)
        {
            case CommitFault.AnswerLost:
                await commit();
                return [.. commits.Select(_ => CommitOutcome.Unknown)];
            case CommitFault.RequestLost:
                return [.. commits.Select(_ => CommitOutcome.Unknown)];
            case CommitFault.Busy:
                return [.. commits.Select(_ => CommitOutcome.Busy)];
            default:
                throw new SyncException(
                    ErrorCode.StoreUnavailable,
                    "The store cannot be reached",
                    new Npgsql.NpgsqlException("Connection refused")
                );
        }
    }

    public Task<EntityCatalog> LoadCatalogAsync(CancellationToken cancellation) =>
        store.LoadCatalogAsync(cancellation);

    public Task<OwnerRecord?> LoadOwnerAsync(OwnerId owner, CancellationToken cancellation)
    {
        Interlocked.Increment(ref loads);
        return store.LoadOwnerAsync(owner, cancellation);
    }

    public Task<IReadOnlyDictionary<OwnerId, OwnerHead>> LoadHeadsAsync(
        IReadOnlyCollection<OwnerId> owners,
        CancellationToken cancellation
    ) => store.LoadHeadsAsync(owners, cancellation);

    public Task<IReadOnlyList<RowSet>> LoadRowsAsync(
        IReadOnlyList<RowQuery> queries,
        CancellationToken cancellation
    ) => store.LoadRowsAsync(queries, cancellation);

    public Task<ReadOutcome> ReadAsync(ReadQuery query, CancellationToken cancellation) =>
        store.ReadAsync(query, cancellation);

    public Task<ConflictPage> ReadConflictsAsync(
        OwnerId owner,
        ConflictPosition? before,
        int limit,
        CancellationToken cancellation
    ) => store.ReadConflictsAsync(owner, before, limit, cancellation);

    public Task<Verified> VerifyAsync(
        OwnerId owner,
        IReadOnlyCollection<string> entities,
        CancellationToken cancellation
    ) => store.VerifyAsync(owner, entities, cancellation);

    public Task<IReadOnlyList<OwnerContent>> ListContentsAsync(
        OwnerContent? after,
        int limit,
        CancellationToken cancellation
    ) => store.ListContentsAsync(after, limit, cancellation);

    public Task<IReadOnlyList<Content>> FindUnusedContentsAsync(
        OwnerId owner,
        DateTimeOffset since,
        int limit,
        CancellationToken cancellation
    ) => store.FindUnusedContentsAsync(owner, since, limit, cancellation);

    public Task<FoundPage> SearchAsync(
        OwnerId owner,
        WordSearch search,
        CancellationToken cancellation
    ) => store.SearchAsync(owner, search, cancellation);

    public Task<IReadOnlyList<DeviceAck>> LoadAcksAsync(
        OwnerId owner,
        CancellationToken cancellation
    ) => store.LoadAcksAsync(owner, cancellation);

    public Task SaveAcksAsync(
        IReadOnlyCollection<DeviceAck> acks,
        CancellationToken cancellation
    ) => store.SaveAcksAsync(acks, cancellation);
}

public enum CommitFault
{
    /// <summary>It commits, and nobody hears of it.</summary>
    AnswerLost,

    /// <summary>It does not commit, and nobody hears of that.</summary>
    RequestLost,

    /// <summary>Somebody else holds the owner's head.</summary>
    Busy,

    /// <summary>The store says that nothing happened.</summary>
    Unavailable,
}
