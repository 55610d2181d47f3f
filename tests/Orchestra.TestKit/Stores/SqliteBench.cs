using Orchestra.Database.Schema;
using Orchestra.Database.Sqlite;
using Orchestra.Sync.Store;

namespace Orchestra.TestKit.Stores;

/// <summary>SQLite, in a file of its own that is removed afterwards, or in memory.</summary>
public sealed class SqliteBench(bool inMemory) : IStoreBench, IDisposable
{
    /// <summary>The table that only tests have. It syncs by being there.</summary>
    public static readonly SqlScript Specimens = new(
        "900_specimens.sql",
        """
        create table specimens (
            owner_id TEXT UUID not null,
            id TEXT UUID not null,
            label TEXT(100),
            mark TEXT UUID,
            amount INTEGER check (amount <> 13),
            ratio REAL,
            is_set INTEGER BOOLEAN,
            moment TEXT TIMESTAMP,
            extra TEXT JSON(4096),
            parent_id TEXT UUID,
            version INTEGER not null,
            created_version INTEGER not null,
            created_at TEXT TIMESTAMP not null,
            updated_at TEXT TIMESTAMP not null,
            deleted_at TEXT TIMESTAMP,
            stamp_at TEXT TIMESTAMP not null,
            stamp_priority INTEGER not null,
            stamp_device TEXT UUID not null,
            stamp_seq INTEGER not null,
            root_version INTEGER,
            primary key (owner_id, id),
            foreign key (owner_id, parent_id) references specimens (owner_id, id)
                deferrable initially deferred
        );
        create unique index specimens_by_version on specimens (owner_id, version);
        create index specimens_by_parent on specimens (owner_id, parent_id);
        insert into sync_entity (entity_type) values ('specimens');
        """
    );

    private readonly List<SqliteDatabase> databases = [];

    /// <summary>The folder of the file.</summary>
    public string Folder { get; } = Directory.CreateTempSubdirectory("orchestra-").FullName;

    public string File => Path.Combine(Folder, "orchestra.db");

    public async Task<ISyncStore> OpenAsync()
    {
        var database = await OpenDatabaseAsync();
        return await SqliteSyncStore.OpenAsync(database, CancellationToken.None);
    }

    /// <summary>The database itself, migrated; in memory there is only one.</summary>
    public async Task<SqliteDatabase> OpenDatabaseAsync(TimeSpan? busyTimeout = null)
    {
        if (inMemory && databases.Count > 0)
            return databases[0];
        var database = inMemory
            ? SqliteDatabase.OpenInMemory()
            : SqliteDatabase.OpenFile(File, busyTimeout);
        lock (databases)
            databases.Add(database);
        await new SqliteSchema(database, TimeProvider.System, Specimens).MigrateAsync(
            CancellationToken.None
        );
        return database;
    }

    public void Dispose()
    {
        databases.ForEach(database => database.Dispose());
        Directory.Delete(Folder, recursive: true);
    }

    public ValueTask DisposeAsync()
    {
        Dispose();
        return ValueTask.CompletedTask;
    }
}
