using Orchestra.Database.Postgres;
using Orchestra.Database.Sqlite;
using Orchestra.Silo.Configuration;
using Orchestra.Sync.Catalog;
using Orchestra.Sync.Search;
using Orchestra.Sync.Store;

namespace Orchestra.Silo.Hosting;

/// <summary>The store that the settings name, ready for use.</summary>
internal sealed class OpenStore : IAsyncDisposable
{
    private readonly PostgresDatabase? postgres;
    private readonly SqliteDatabase? sqlite;

    private OpenStore(
        ISyncStore store,
        EntityCatalog catalog,
        IMeaningStore? meaning,
        PostgresDatabase? postgres,
        SqliteDatabase? sqlite
    )
    {
        Store = store;
        Catalog = catalog;
        Meaning = meaning;
        this.postgres = postgres;
        this.sqlite = sqlite;
    }

    public ISyncStore Store { get; }

    public EntityCatalog Catalog { get; }

    /// <summary>The database behind it; null = the embedded one.</summary>
    public PostgresDatabase? Postgres => postgres;

    /// <summary>Null where no vectors are kept.</summary>
    public IMeaningStore? Meaning { get; }

    /// <param name="settings">Which.</param>
    /// <param name="data">The folder of the embedded one; the caller gives it back afterwards.</param>
    /// <param name="time">Dates what is migrated.</param>
    /// <param name="cancellation">Stops the opening.</param>
    /// <exception cref="Database.Schema.SchemaException">Its tables are not this version's.</exception>
    public static Task<OpenStore> OpenAsync(
        StoreSettings settings,
        DataDirectory? data,
        TimeProvider time,
        CancellationToken cancellation
    ) =>
        settings.Postgres is { } logins
            ? OpenPostgresAsync(logins, cancellation)
            : OpenSqliteAsync(data!, time, cancellation);

    /// <summary>From now on troubles with the database are told.</summary>
    public OpenStore LogTo(ILoggerFactory loggers)
    {
        postgres?.LogTo(loggers);
        return this;
    }

    public async ValueTask DisposeAsync()
    {
        sqlite?.Dispose();
        if (postgres is not null)
            await postgres.DisposeAsync();
    }

    private static async Task<OpenStore> OpenPostgresAsync(
        PostgresLogins logins,
        CancellationToken cancellation
    )
    {
        await new PostgresSchema(logins.App).RequireCurrentAsync(cancellation);
        var database = PostgresDatabase.Open(logins.App);
        try
        {
            var store = await PostgresSyncStore.OpenAsync(database, cancellation);
            var catalog = await store.LoadCatalogAsync(cancellation);
            var meaning = await PostgresMeaning.OpenAsync(database, cancellation);
            return new(store, catalog, meaning, database, null);
        }
        catch
        {
            await database.DisposeAsync();
            throw;
        }
    }

    /// <summary>Migrates too: nobody else has the file.</summary>
    private static async Task<OpenStore> OpenSqliteAsync(
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
            return new(store, await store.LoadCatalogAsync(cancellation), null, null, database);
        }
        catch
        {
            database.Dispose();
            throw;
        }
    }
}
