using Orchestra.Sync;
using Orchestra.Sync.Catalog;
using Orleans;

namespace Orchestra.Grains.Interfaces;

/// <summary>
/// Lets a gateway, which has no database, ask what no single owner's grain can answer. Stateless;
/// any key.
/// </summary>
public interface IStoreReaderGrain : IGrainWithIntegerKey
{
    /// <summary>The entity types as the database has them now.</summary>
    Task<EntityCatalog> ReadCatalog();

    /// <summary>An owner as the database has it, for operators; null for one whom nobody has seen.</summary>
    Task<OwnerView?> ReadOwner(OwnerId owner);

    /// <summary>
    /// The heads of many owners in one query, from the database and not from any grain: this is how
    /// a lost notification is found.
    /// </summary>
    Task<IReadOnlyDictionary<OwnerId, OwnerHead>> ReadHeads(IReadOnlyList<OwnerId> owners);
}
