using Orchestra.Grains.Interfaces;
using Orchestra.Sync.Catalog;
using Orchestra.Sync.Store;
using Orchestra.Sync.Wire;

namespace Orchestra.Gateway.Requests;

/// <summary>
/// The gateway's copy of the entity catalog. It is read again when something shows that the
/// database has moved on: a session's hash, or a page with a type or field it does not know.
/// </summary>
internal sealed class CatalogView(IGrainFactory grains)
{
    private volatile EntityCatalog? known;

    public ValueTask<EntityCatalog> CurrentAsync() =>
        known is { } catalog ? ValueTask.FromResult(catalog) : new(ReloadAsync());

    /// <summary>The catalog, read anew unless the copy has that hash.</summary>
    public ValueTask<EntityCatalog> CurrentAsync(string hash) =>
        known is { } catalog && catalog.Hash == hash
            ? ValueTask.FromResult(catalog)
            : new(ReloadAsync());

    /// <summary>The hash of a catalog that explains everything in the page.</summary>
    public async ValueTask<string> CoverAsync(ChangesPage page)
    {
        var catalog = await CurrentAsync();
        return (Explains(catalog, page) ? catalog : await ReloadAsync()).Hash;
    }

    public async Task<EntityCatalog> ReloadAsync()
    {
        var catalog = await grains.GetGrain<IStoreReaderGrain>(0).ReadCatalog();
        known = catalog;
        return catalog;
    }

    public static CatalogMessage ToMessage(EntityCatalog catalog) => new(WireCatalog.From(catalog));

    private static bool Explains(EntityCatalog catalog, ChangesPage page)
    {
        foreach (var entry in page.Entries)
        {
            var type = catalog.Find(entry.Row.Entity);
            if (type is null || entry.Fields.Keys.Any(field => type.Find(field) is null))
                return false;
        }
        return true;
    }
}
