using Orchestra.Sync;
using Orchestra.Sync.Contents;
using Orchestra.Sync.Search;
using Orchestra.Sync.Store;
using Orleans;

namespace Orchestra.Grains.Interfaces;

/// <summary>
/// One owner: the counter, the conflict resolution, the only writer. Key = owner id.
/// Every call may fail with <see cref="Sync.Errors.SyncException"/>.
/// </summary>
public interface ISyncGrain : IGrainWithGuidKey
{
    /// <summary>
    /// A device arrives. First sight of the owner creates its head, first sight of the device
    /// registers it.
    /// </summary>
    /// <remarks><c>device_revoked</c>, <c>device_limit</c>, <c>invalid_value</c>.</remarks>
    Task<Session> OpenSession(DeviceInfo device);

    /// <summary>
    /// Takes a push in order and answers per change, once it is durable.
    /// </summary>
    /// <remarks>
    /// As a whole, and then nothing of it was consumed: <c>epoch_changed</c>, <c>sequence_gap</c>,
    /// <c>device_forked</c>, <c>device_revoked</c>, <c>batch_too_large</c>, <c>overloaded</c>,
    /// <c>store_unavailable</c>.
    /// </remarks>
    Task<IReadOnlyList<Verdict>> Push(Push push);

    /// <summary>The next page after a cursor, or the reset it calls for.</summary>
    Task<ReadOutcome> Read(ReadQuery query);

    /// <summary>Digest and count of the live rows of some types, from the tables.</summary>
    [ResponseTimeout("00:01:00")]
    Task<Verified> Verify(IReadOnlyList<string> entities);

    /// <summary>What lost, newest first.</summary>
    Task<ConflictPage> ReadConflicts(ConflictPosition? before, int limit);

    /// <summary>The live rows that have some words, the best first.</summary>
    /// <remarks>
    /// <c>malformed</c>, <c>unknown_entity</c>, <c>overloaded</c>, <c>store_unavailable</c>.
    /// </remarks>
    [ResponseTimeout("00:01:00")]
    Task<FoundPage> Search(WordSearch search);

    /// <summary>The live rows nearest in meaning to some words or a vector, the nearest first.</summary>
    /// <remarks>
    /// <c>not_found</c>: the server does not search by meaning, or has no model. <c>invalid_value</c>,
    /// <c>malformed</c>, <c>unknown_entity</c>, <c>rate_limited</c>, <c>overloaded</c>,
    /// <c>store_unavailable</c>.
    /// </remarks>
    [ResponseTimeout("00:01:00")]
    Task<FoundPage> SearchByMeaning(MeaningSearch search);

    /// <summary>Takes the vector of a row from a client, instead of the model's.</summary>
    /// <remarks>
    /// <c>not_found</c>: the row, or search by meaning. <c>hash_mismatch</c>: it is of another text than the
    /// row has. <c>invalid_value</c>, <c>unknown_entity</c>, <c>store_unavailable</c>.
    /// </remarks>
    Task SupplyEmbedding(SuppliedEmbedding embedding);

    /// <summary>A device has applied everything up to a version.</summary>
    Task Acknowledge(DeviceId device, long epoch, long version);

    /// <summary>The owner's devices, revoked ones included: rows of the type <c>devices</c>.</summary>
    Task<IReadOnlyList<Row>> ReadDevices();

    /// <summary>Renames a device or gives it another priority; null leaves as is.</summary>
    /// <remarks><c>not_found</c>, <c>invalid_value</c>.</remarks>
    Task UpdateDevice(DeviceId device, string? name, int? priority);

    /// <summary>Bars a device for good.</summary>
    /// <remarks><c>not_found</c>.</remarks>
    Task RevokeDevice(DeviceId device);

    /// <summary>
    /// Begins a new epoch: all devices fetch everything anew and keep what they have not sent.
    /// </summary>
    /// <remarks>
    /// <c>not_found</c>: no such owner, or a store that cannot. <c>overloaded</c>,
    /// <c>store_unavailable</c>.
    /// </remarks>
    [ResponseTimeout("00:01:00")]
    Task BeginEpoch();

    /// <summary>Contents that are there for the owner's devices; null if they are not.</summary>
    Task<Content?> FindContent(ContentHash hash);

    /// <summary>
    /// The same for somebody who goes on to name them in a row: what is of no use at present stays for
    /// a while longer.
    /// </summary>
    Task<Content?> KeepContent(ContentHash hash);

    /// <summary>
    /// Contents have come and were verified: from now on the owner's devices know of them. Where they
    /// are there already, those stay.
    /// </summary>
    /// <returns>What is there.</returns>
    Task<Content> AddContent(Content content);

    /// <summary>
    /// Takes the rows of contents away that nothing has named since <paramref name="since"/>. Whoever
    /// calls deletes their bytes.
    /// </summary>
    /// <returns>Which; nothing if somebody wrote at that moment. At most 500.</returns>
    Task<IReadOnlyList<Content>> CollectContents(DateTimeOffset since);

    /// <summary>
    /// Sends every later commit to <paramref name="observer"/>, until the lease ends. Called again
    /// before that, it renews. When the grain moves its observers are forgotten: whoever listens looks
    /// after its silo.
    /// </summary>
    /// <param name="observer">Who listens.</param>
    /// <param name="arriving">A device that has connected there just now, which the others hear.</param>
    Task<Subscription> Subscribe(IOwnerObserver observer, DeviceId? arriving);

    /// <summary>Ends a subscription early.</summary>
    Task Unsubscribe(IOwnerObserver observer);
}

/// <summary>A gateway's ear for one owner. Calls are awaited, one at a time.</summary>
public interface IOwnerObserver : IGrainObserver
{
    /// <summary>What a commit, or several in a row, did.</summary>
    [ResponseTimeout("00:00:05")]
    Task OnCommitted(ChangesPage page);

    /// <summary>A device has connected to another gateway: what it has here is over.</summary>
    [ResponseTimeout("00:00:05")]
    Task OnMoved(DeviceId device);
}

/// <summary>How long a subscription lives without renewal.</summary>
public static class ObserverLease
{
    public static readonly TimeSpan Length = TimeSpan.FromSeconds(60);
    public static readonly TimeSpan Renewal = TimeSpan.FromSeconds(20);
}
