using Orchestra.Grains.Interfaces;
using Orchestra.Sync;
using Orchestra.Sync.Catalog;
using Orchestra.Sync.Store;
using Orleans.Concurrency;

namespace Orchestra.Grains.Reading;

/// <inheritdoc cref="IStoreReaderGrain"/>
[StatelessWorker]
internal sealed class StoreReaderGrain(ISyncStore store, EntityCatalog catalog)
    : Grain,
        IStoreReaderGrain
{
    public Task<EntityCatalog> ReadCatalog() => Task.FromResult(catalog);

    public async Task<OwnerView?> ReadOwner(OwnerId owner) =>
        await store.LoadOwnerAsync(owner, CancellationToken.None) is { } found
            ? new(found, await store.LoadAcksAsync(owner, CancellationToken.None))
            : null;

    public Task<IReadOnlyDictionary<OwnerId, OwnerHead>> ReadHeads(IReadOnlyList<OwnerId> owners) =>
        store.LoadHeadsAsync(owners, CancellationToken.None);
}
