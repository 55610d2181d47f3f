using Orchestra.Database.Postgres;
using Orchestra.Database.Schema;
using Orchestra.Sync.Store;
using Orchestra.TestKit.Postgres;

namespace Orchestra.TestKit.Stores;

/// <summary>
/// A PostgreSQL database that all contract tests of a process share: each has owners of its own.
/// Stores log in as the product does, with no right that it has not.
/// </summary>
public sealed class PostgresBench : IStoreBench
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

    private static readonly Lazy<Task<string>> Shared = new(CreateAsync);

    private readonly List<PostgresDatabase> databases = [];

    public async Task<ISyncStore> OpenAsync()
    {
        var database = PostgresDatabase.Open(await ConnectionStringAsync("orchestra_app"));
        lock (databases)
            databases.Add(database);
        return await PostgresSyncStore.OpenAsync(database, CancellationToken.None);
    }

    /// <summary>Of the shared database, for a role.</summary>
    public static async Task<string> ConnectionStringAsync(string role)
    {
        var name = await Shared.Value;
        return (await PostgresServer.SharedAsync()).ConnectionString(name, role);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var database in databases)
            await database.DisposeAsync();
    }

    private static async Task<string> CreateAsync()
    {
        var server = await PostgresServer.SharedAsync();
        var name = await server.CreateDatabaseAsync();
        await new PostgresSchema(server.ConnectionString(name), Specimens).MigrateAsync(
            null,
            new Progress<MigrationNews>(),
            CancellationToken.None
        );
        return name;
    }
}
