using Npgsql;
using Orchestra.Database.Postgres;
using Orchestra.Database.Schema;

namespace Orchestra.TestKit.Postgres;

/// <summary>A database with the product's tables, entered by whatever role a test wants to be.</summary>
public sealed class MigratedDatabase
{
    public const string App = "orchestra_app";
    public const string Maintenance = "orchestra_maintenance";
    public const string Migrator = "orchestra_migrator";

    /// <summary>May know who is in the cluster, and nothing else; see <see cref="MakeGatewayRoleAsync"/>.</summary>
    public const string Gateway = "orchestra_gateway";

    public const string Superuser = "postgres";

    private static readonly Lazy<Task<MigratedDatabase>> Shared = new(() =>
        CreateAsync(more: Stores.PostgresBench.Specimens)
    );

    /// <summary>Roles belong to the whole server: two that make them at once can collide.</summary>
    private static readonly SemaphoreSlim Migrating = new(1, 1);

    private readonly PostgresServer server;
    private readonly string name;

    private MigratedDatabase(PostgresServer server, string name)
    {
        this.server = server;
        this.name = name;
    }

    /// <summary>One for all tests of a process that have owners of their own, with specimens.</summary>
    public static Task<MigratedDatabase> SharedAsync() => Shared.Value;

    /// <param name="server">Null = the one that all tests share.</param>
    /// <param name="more">Migrations besides the product's.</param>
    public static async Task<MigratedDatabase> CreateAsync(
        PostgresServer? server = null,
        params Migration[] more
    )
    {
        server ??= await PostgresServer.SharedAsync();
        var database = new MigratedDatabase(server, await server.CreateDatabaseAsync());
        var schema = new PostgresSchema(database.ConnectionString(Superuser), more);
        await Migrating.WaitAsync();
        try
        {
            await schema.MigrateAsync(null, new Progress<MigrationNews>(), CancellationToken.None);
        }
        finally
        {
            Migrating.Release();
        }
        return database;
    }

    /// <summary>What its server has written, of other databases too.</summary>
    public string ServerLog => server.Log;

    /// <param name="role">Who enters.</param>
    /// <param name="port">Of a proxy before the server; null = the server's own.</param>
    public string ConnectionString(string role = App, int? port = null) =>
        new NpgsqlConnectionStringBuilder(server.ConnectionString(name, role))
        {
            Port = port ?? server.Port,
        }.ConnectionString;

    /// <summary>Runs a statement and gives its first value, if it has one.</summary>
    public async Task<object?> RunAsync(string sql, string role = Superuser)
    {
        await using var connection = await EnterAsync(role);
        await using var command = new NpgsqlCommand(sql, connection);
        return await command.ExecuteScalarAsync() is var value and not DBNull ? value : null;
    }

    /// <summary>What operators run for gateways of their own.</summary>
    public async Task MakeGatewayRoleAsync()
    {
        using var script = new StreamReader(
            typeof(MigratedDatabase).Assembly.GetManifestResourceStream("gateway.sql")!
        );
        await Migrating.WaitAsync();
        try
        {
            await RunAsync(await script.ReadToEndAsync());
        }
        finally
        {
            Migrating.Release();
        }
    }

    /// <summary>Takes a copy that can be put back, as a backup can; whoever is connected is thrown out.</summary>
    /// <returns>The copy's name.</returns>
    public async Task<string> CopyAsync()
    {
        await server.EmptyDatabaseAsync(name);
        var copy = await server.CreateDatabaseAsync(name);
        // What pools hold of it is dead now.
        NpgsqlConnection.ClearAllPools();
        return copy;
    }

    /// <summary>Puts a copy in the database's place; whoever is connected is thrown out.</summary>
    public async Task PutBackAsync(string copy)
    {
        await server.ReplaceDatabaseAsync(name, copy);
        NpgsqlConnection.ClearAllPools();
    }

    /// <summary>A connection outside any pool.</summary>
    public async Task<NpgsqlConnection> EnterAsync(string role = Superuser)
    {
        var connection = new NpgsqlConnection(ConnectionString(role) + ";Pooling=false");
        await connection.OpenAsync();
        return connection;
    }
}
