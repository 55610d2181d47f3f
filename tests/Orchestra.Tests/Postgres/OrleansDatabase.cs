using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Npgsql;
using Orchestra.Tests.House;

namespace Orchestra.Tests.Postgres;

/// <summary>A PostgreSQL server of its own with what Orleans keeps in it, and nothing else.</summary>
internal sealed class OrleansDatabase : IAsyncDisposable
{
    public const string Script = "database/migrations/004_orleans.sql";
    private const string Binaries = "/usr/lib/postgresql/15/bin";
    private const string Roles =
        "create role orchestra_migrator login; create role orchestra_app login; "
        + "create role orchestra_maintenance login; create role orchestra_readonly login;";

    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("orchestra-orleans-");
    private readonly int port = FreePort();

    private string Data => Path.Combine(folder.FullName, "data");

    /// <summary>What Orleans is configured with.</summary>
    public string ConnectionString => ConnectionStringOf("orchestra_app") + ";Search Path=orleans";

    public static async Task<OrleansDatabase> StartAsync()
    {
        var database = new OrleansDatabase();
        if (Environment.IsPrivilegedProcess)
            await RunAsync("chown", "postgres", database.folder.FullName);
        await RunAsync([
            .. AsPostgres("initdb"),
            "-D",
            database.Data,
            "-U",
            "postgres",
            "-A",
            "trust",
            "-N",
        ]);
        var options = $"-c fsync=off -c listen_addresses=127.0.0.1 -p {database.port} -k ''";
        var log = Path.Combine(database.folder.FullName, "log");
        await RunAsync([
            .. AsPostgres("pg_ctl"),
            "-D",
            database.Data,
            "-l",
            log,
            "-o",
            options,
            "-w",
            "start",
        ]);
        await database.ExecuteAsync("postgres", Roles);
        await database.ExecuteAsync(
            "postgres",
            "create database orchestra owner orchestra_migrator",
            database: "postgres"
        );
        await database.ExecuteAsync("orchestra_migrator", Repository.Read(Script));
        return database;
    }

    public NpgsqlDataSource Open(string role) => NpgsqlDataSource.Create(ConnectionStringOf(role));

    public static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    public async ValueTask DisposeAsync()
    {
        NpgsqlConnection.ClearAllPools();
        await RunAsync([.. AsPostgres("pg_ctl"), "-D", Data, "-m", "immediate", "-w", "stop"]);
        folder.Delete(recursive: true);
    }

    private async Task ExecuteAsync(string role, string sql, string? database = null)
    {
        database ??= role == "postgres" ? "postgres" : "orchestra";
        await using var source = NpgsqlDataSource.Create(ConnectionStringOf(role, database));
        await using var command = source.CreateCommand(sql);
        await command.ExecuteNonQueryAsync();
    }

    private string ConnectionStringOf(string role, string database = "orchestra") =>
        $"Host=127.0.0.1;Port={port};Database={database};Username={role}";

    // The server refuses to be run by root.
    private static string[] AsPostgres(string program) =>
        Environment.IsPrivilegedProcess
            ?
            [
                "setpriv",
                "--reuid=postgres",
                "--regid=postgres",
                "--init-groups",
                Path.Combine(Binaries, program),
            ]
            : [Path.Combine(Binaries, program)];

    private static async Task RunAsync(params string[] command)
    {
        var start = new ProcessStartInfo(command[0], command.Skip(1))
        {
            WorkingDirectory = "/",
            RedirectStandardInput = true,
        };
        using var process = Process.Start(start)!;
        await process.WaitForExitAsync();
        if (process.ExitCode != 0)
            throw new InvalidOperationException($"{string.Join(' ', command)} failed");
    }
}

[CollectionDefinition(nameof(SharedOrleansDatabase))]
public sealed class OrleansDatabaseCollection : ICollectionFixture<SharedOrleansDatabase>;

/// <summary>One server for all that test what Orleans does with it.</summary>
public sealed class SharedOrleansDatabase : IAsyncLifetime
{
    internal OrleansDatabase Database { get; private set; } = null!;

    public async Task InitializeAsync() => Database = await OrleansDatabase.StartAsync();

    public async Task DisposeAsync() => await Database.DisposeAsync();
}
