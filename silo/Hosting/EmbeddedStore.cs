using Orchestra.Database.Sqlite;
using Orchestra.Sync.Catalog;

namespace Orchestra.Silo.Hosting;

/// <summary>The SQLite store of a data directory, migrated and open.</summary>
internal sealed class EmbeddedStore : IDisposable
{
    private readonly DataDirectory data;
    private readonly SqliteDatabase database;

    private EmbeddedStore(
        DataDirectory data,
        SqliteDatabase database,
        SqliteSyncStore store,
        EntityCatalog catalog
    )
    {
        this.data = data;
        this.database = database;
        Store = store;
        Catalog = catalog;
    }

    public SqliteSyncStore Store { get; }

    public EntityCatalog Catalog { get; }

    /// <summary>Migrates and opens; from then on the directory is this object's to give back.</summary>
    public static async Task<EmbeddedStore> OpenAsync(
        DataDirectory data,
        TimeProvider time,
        CancellationToken cancellation
    )
    {
        var database = data.OpenDatabase();
        try
        {
            await new SqliteSchema(database, time).MigrateAsync(cancellation);
            var store = await SqliteSyncStore.OpenAsync(database, cancellation);
            return new(data, database, store, await store.LoadCatalogAsync(cancellation));
        }
        catch
        {
            database.Dispose();
            throw;
        }
    }

    public void Dispose()
    {
        database.Dispose();
        data.Dispose();
    }
}
