using Orchestra.Database.Postgres;
using Orchestra.Database.Schema;
using Orchestra.Sync.Store;
using Orchestra.TestKit.Postgres;

namespace Orchestra.TestKit.Stores;

/// <summary>
/// A PostgreSQL database; that of all contract tests of a process, which have owners of their own,
/// unless another is named. Stores log in as the product does, with no right that it has not.
/// </summary>
/// <param name="migrated">Null = the shared one.</param>
public sealed class PostgresBench(MigratedDatabase? migrated = null) : IStoreBench
{
    /// <summary>The table that only tests have. It syncs by being there.</summary>
    public static readonly Migration Specimens = new(
        new SqlScript(
            "900_specimens.sql",
            """
            create table orchestra.specimens (
                like orchestra.sync_row including comments,
                label varchar(100),
                mark uuid,
                amount bigint check (amount <> 13),
                ratio double precision,
                is_set boolean,
                moment timestamptz,
                extra jsonb,
                parent_id uuid
            );
            call orchestra.sync_table('specimens');
            alter table orchestra.specimens
                add foreign key (owner_id, parent_id) references orchestra.specimens (owner_id, id);
            create index specimens_by_parent on orchestra.specimens (owner_id, parent_id);
            insert into orchestra.sync_field_rule values ('specimens', 'extra', 'max_bytes', 4096);
            """
        ),
        new SqlScript("900_specimens.rollback.sql", "drop table orchestra.specimens;")
    );

    private readonly List<PostgresDatabase> databases = [];

    public async Task<ISyncStore> OpenAsync()
    {
        var target = migrated ?? await MigratedDatabase.SharedAsync();
        var database = PostgresDatabase.Open(target.ConnectionString());
        lock (databases)
            databases.Add(database);
        return await PostgresSyncStore.OpenAsync(database, CancellationToken.None);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var database in databases)
            await database.DisposeAsync();
    }
}
