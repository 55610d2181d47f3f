using Orchestra.Sync.Catalog;
using Orchestra.Sync.Contents;
using Orchestra.Sync.Search;

namespace Orchestra.Sync.Store;

/// <summary>
/// Where owners' data is kept for good. Shaped by what a sync grain needs: everything for one
/// decision in one call, and many owners' decisions in one commit.
/// </summary>
/// <remarks>
/// Implementations: SQLite (embedded) and PostgreSQL. Both pass the contract suite in the TestKit.
/// Every call may throw <see cref="Errors.SyncException"/> with <c>store_unavailable</c>, which
/// means that nothing happened.
/// </remarks>
public interface ISyncStore
{
    /// <summary>The entity types, read from the tables themselves.</summary>
    Task<EntityCatalog> LoadCatalogAsync(CancellationToken cancellation);

    /// <summary>An owner's head, devices and past epochs; null for one nobody has seen.</summary>
    Task<OwnerRecord?> LoadOwnerAsync(OwnerId owner, CancellationToken cancellation);

    /// <summary>Heads of many owners in one query. Owners without one are left out.</summary>
    Task<IReadOnlyDictionary<OwnerId, OwnerHead>> LoadHeadsAsync(
        IReadOnlyCollection<OwnerId> owners,
        CancellationToken cancellation
    );

    /// <summary>The rows that decisions need, an answer per query, each from one snapshot.</summary>
    Task<IReadOnlyList<RowSet>> LoadRowsAsync(
        IReadOnlyList<RowQuery> queries,
        CancellationToken cancellation
    );

    /// <summary>
    /// Commits many owners' decisions, each wholly or not at all, and says what became of each, in
    /// order. A commit takes effect only if the owner's <see cref="OwnerHead.CommitNo"/> and epoch
    /// are still the ones it expects. Bad data of one owner does not touch another.
    /// </summary>
    Task<IReadOnlyList<CommitOutcome>> CommitAsync(
        IReadOnlyList<OwnerCommit> commits,
        CancellationToken cancellation
    );

    /// <summary>
    /// Commits one owner's decision, and waits for a head that somebody else holds, some seconds at
    /// most. For an owner who was <see cref="CommitOutcome.Busy"/> too often.
    /// </summary>
    Task<CommitOutcome> CommitAloneAsync(OwnerCommit commit, CancellationToken cancellation);

    /// <summary>The next page of changes after a cursor, from one snapshot.</summary>
    Task<ReadOutcome> ReadAsync(ReadQuery query, CancellationToken cancellation);

    /// <summary>Conflicts in the order they were recorded, newest first.</summary>
    /// <param name="owner">Whose.</param>
    /// <param name="before">The <see cref="ConflictPage.Next"/> of the page before; null = newest.</param>
    /// <param name="limit">How many at most.</param>
    /// <param name="cancellation">Stops the reading.</param>
    Task<ConflictPage> ReadConflictsAsync(
        OwnerId owner,
        ConflictPosition? before,
        int limit,
        CancellationToken cancellation
    );

    /// <summary>Digest and number of the live rows of some entity types, from the tables.</summary>
    Task<Verified> VerifyAsync(
        OwnerId owner,
        IReadOnlyCollection<string> entities,
        CancellationToken cancellation
    );

    /// <summary>The owner's live rows that have some words, the best first.</summary>
    /// <returns>
    /// The same rows from every store; how it ranks them is its own affair, but for this: a rank depends
    /// on row and query alone. Types that nothing is searched of have no hits.
    /// </returns>
    /// <remarks>
    /// <c>malformed</c> for too long a query, <c>overloaded</c> for one that takes too long
    /// (<see cref="Search.SearchPatience"/>).
    /// </remarks>
    Task<FoundPage> SearchAsync(OwnerId owner, WordSearch search, CancellationToken cancellation);

    /// <summary>
    /// Live rows of <see cref="EngineEntities.Contents"/> of all owners, in the order of owner and id.
    /// </summary>
    /// <param name="after">The last of the page before; null = from the beginning.</param>
    /// <param name="limit">How many at most.</param>
    /// <param name="cancellation">Stops the reading.</param>
    Task<IReadOnlyList<OwnerContent>> ListContentsAsync(
        OwnerContent? after,
        int limit,
        CancellationToken cancellation
    );

    /// <summary>
    /// Live rows of <see cref="EngineEntities.Contents"/> that have not changed since
    /// <paramref name="since"/> and that nothing names: no live row, and none that was deleted later
    /// than that.
    /// </summary>
    /// <param name="owner">Whose.</param>
    /// <param name="since">From when on they must have been of no use.</param>
    /// <param name="limit">How many at most.</param>
    /// <param name="cancellation">Stops the reading.</param>
    Task<IReadOnlyList<Content>> FindUnusedContentsAsync(
        OwnerId owner,
        DateTimeOffset since,
        int limit,
        CancellationToken cancellation
    );

    /// <summary>
    /// Notes how far devices have applied the history. Never goes backwards and never touches the
    /// fence.
    /// </summary>
    Task SaveAcksAsync(IReadOnlyCollection<DeviceAck> acks, CancellationToken cancellation);

    /// <summary>How far each of an owner's devices was when it last said so.</summary>
    Task<IReadOnlyList<DeviceAck>> LoadAcksAsync(OwnerId owner, CancellationToken cancellation);
}
