using Npgsql;
using Orchestra.Database.Postgres;
using Orchestra.Database.Seeders;
using Orchestra.TestKit.Postgres;

namespace Orchestra.Tests.Cluster.Plans;

/// <summary>
/// A server with a database of the size at which plans matter: 5,000 owners and 2 million log
/// entries in 14 months. What the product's logins run there, the server explains in its log.
/// </summary>
public sealed class SeededServer : IAsyncLifetime
{
    public static readonly HistoryPlan Plan = new(
        Users: 5_050,
        RowsPerUser: 150,
        Months: 14,
        Seed: 11,
        new DateTimeOffset(2025, 6, 20, 12, 0, 0, TimeSpan.Zero)
    );

    private PostgresServer server = null!;
    private string database = null!;

    public string Log => server.Log;

    public string ConnectionString(string role) => server.ConnectionString(database, role);

    public async Task InitializeAsync()
    {
        server = await PostgresServer.StartAsync(
            ("shared_preload_libraries", "auto_explain"),
            ("shared_buffers", "512MB"),
            ("max_wal_size", "4GB"),
            // As deploy/ has it: what is looked up by key on a solid-state disk costs a page and no seek.
            ("random_page_cost", "1.1"),
            // Statistics are made once, at the seeding's end, and stay. They are made of all rows of a
            // table, not of a sample: the planner must not see another database at every run.
            ("default_statistics_target", "1000"),
            ("autovacuum", "off"),
            ("log_line_prefix", "")
        );
        database = await server.CreateDatabaseAsync();
        await new PostgresSchema(ConnectionString("postgres")).MigrateAsync(
            null,
            new Progress<MigrationNews>(),
            CancellationToken.None
        );
        await new PostgresSeeder(ConnectionString("postgres")).SeedAsync(
            Plan,
            null,
            CancellationToken.None
        );
        await FillContentsAsync();
        await AutoExplain.StartAsync(
            ConnectionString("postgres"),
            "orchestra_app",
            "orchestra_maintenance"
        );
    }

    /// <summary>The statements of the entity types.</summary>
    internal async Task<PostgresTables> TablesAsync()
    {
        await using var connection = new NpgsqlConnection(ConnectionString("postgres"));
        await connection.OpenAsync();
        return await PostgresCatalog.ReadAsync(new PostgresSession(connection));
    }

    public async Task<SeededSize> MeasureAsync()
    {
        await using var connection = new NpgsqlConnection(ConnectionString("postgres"));
        await connection.OpenAsync();
        var sizes = await new PostgresSession(connection).ListAsync(
            new(
                """
                select count(*), count(distinct tableoid), (select count(*) from orchestra.sync_head)
                from orchestra.sync_log
                """
            ),
            row => new SeededSize(row.GetInt64(0), row.GetInt64(1), row.GetInt64(2))
        );
        return sizes[0];
    }

    public async Task DisposeAsync() => await server.DisposeAsync();

    /// <summary>
    /// The seeder makes no bytes, and says of no contents that they are there. Tombstones are as good for
    /// the planner, and no head or digest counts them.
    /// </summary>
    private async Task FillContentsAsync()
    {
        await using var connection = new NpgsqlConnection(ConnectionString("postgres"));
        await connection.OpenAsync();
        foreach (
            var statement in new[]
            {
                """
                    insert into orchestra.contents (owner_id, id, version, created_version, created_at,
                        updated_at, deleted_at, stamp_at, stamp_priority, stamp_device, stamp_seq,
                        root_version, hash, size, upload_id)
                    select owner_id, id, version, created_version, created_at,
                        updated_at, updated_at, stamp_at, stamp_priority, stamp_device, stamp_seq,
                        version, content_hash, size, md5(id::text)::uuid
                    from orchestra.files order by owner_id, version
                    """,
                "vacuum analyze orchestra.contents",
            }
        )
        {
            await using var command = new NpgsqlCommand(statement, connection);
            await command.ExecuteNonQueryAsync();
        }
    }
}

/// <param name="Entries">Of the log.</param>
/// <param name="Months">Partitions that have any.</param>
/// <param name="Owners">Who has a head.</param>
public sealed record SeededSize(long Entries, long Months, long Owners);
