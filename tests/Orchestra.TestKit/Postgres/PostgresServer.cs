using Npgsql;
using Orchestra.TestKit.Processes;
using Orchestra.TestKit.Silos;

namespace Orchestra.TestKit.Postgres;

/// <summary>
/// A real PostgreSQL server, on a port and in a folder of its own, that can be killed. It syncs to
/// the disk like one in production. Gone without a trace when disposed of, and also when the test
/// process ends without that.
/// </summary>
public sealed class PostgresServer : IAsyncDisposable
{
    private static readonly Lazy<Task<PostgresServer>> Shared = new(() => StartAsync());

    private readonly PostgresBinaries binaries;
    private readonly string folder;
    private readonly IAsyncDisposable end;

    private PostgresServer(PostgresBinaries binaries, string folder)
    {
        this.binaries = binaries;
        this.folder = folder;
        end = new ShellCommand(
            "sh",
            ["-c", "folder=$1; shift; \"$@\"; rm -rf \"$folder\"", "sh", folder, .. StopCommand()]
        ).RunAfterwards();
    }

    public int Port { get; } = SiloPorts.Next();

    /// <summary>What the server has logged since it was created, for tests that fail.</summary>
    public string Log => File.Exists(LogFile) ? File.ReadAllText(LogFile) : "";

    /// <summary>What it has on the disk.</summary>
    public string Data => Path.Combine(folder, "data");

    private string LogFile => Path.Combine(folder, "postgres.log");

    private PostmasterProcess? Postmaster => PostmasterProcess.Find(Data);

    /// <summary>
    /// One server for all tests that neither stop it nor change its settings: each has databases of
    /// its own. Nobody disposes of it; it ends with the test process.
    /// </summary>
    public static Task<PostgresServer> SharedAsync() => Shared.Value;

    /// <param name="settings">As in postgresql.conf, for example ("max_connections", "20").</param>
    public static Task<PostgresServer> StartAsync(params (string Name, string Value)[] settings) =>
        StartAsync(PostgresBinaries.Find(), settings);

    /// <summary>One that has pgvector: see <see cref="VectorFactAttribute"/>.</summary>
    public static Task<PostgresServer> StartVectorAsync(
        params (string Name, string Value)[] settings
    ) => StartAsync(PostgresBinaries.FindIn(VectorFactAttribute.Root!), settings);

    /// <param name="binaries">Which PostgreSQL.</param>
    /// <param name="settings">As in postgresql.conf.</param>
    public static async Task<PostgresServer> StartAsync(
        PostgresBinaries binaries,
        params (string Name, string Value)[] settings
    )
    {
        var server = new PostgresServer(binaries, await binaries.CreateFolderAsync());
        try
        {
            await server.CreateClusterAsync(settings);
            await server.StartProcessAsync();
            return server;
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
    }

    public string ConnectionString(string database, string user = "postgres") =>
        new NpgsqlConnectionStringBuilder
        {
            Host = "127.0.0.1",
            Port = Port,
            Database = database,
            Username = user,
        }.ConnectionString;

    /// <summary>A fresh database.</summary>
    /// <param name="template">
    /// The database that it is a copy of, to which nobody may be connected; null = an empty one.
    /// </param>
    /// <returns>Its name.</returns>
    public async Task<string> CreateDatabaseAsync(string? template = null)
    {
        var name = $"test_{Guid.NewGuid():N}";
        await RunAsync($"create database {name} template {template ?? "template0"}");
        return name;
    }

    /// <summary>Puts a copy of one database in another's place; whoever is connected is thrown out.</summary>
    public Task ReplaceDatabaseAsync(string name, string copy) =>
        RunAsync($"drop database {name} with (force)", $"create database {name} template {copy}");

    /// <summary>Throws out whoever is connected to a database.</summary>
    public Task EmptyDatabaseAsync(string name) =>
        RunAsync(
            $"select pg_terminate_backend(pid, 10000) from pg_stat_activity where datname = '{name}'"
        );

    private async Task RunAsync(params string[] statements)
    {
        // Not pooled: a pool would hold a connection of the server for nothing.
        await using var connection = new NpgsqlConnection(
            ConnectionString("postgres") + ";Pooling=false"
        );
        await connection.OpenAsync();
        foreach (var statement in statements)
        {
            await using var command = new NpgsqlCommand(statement, connection);
            await command.ExecuteNonQueryAsync();
        }
    }

    /// <summary>SIGKILL to all its processes: nothing is flushed, no connection says goodbye.</summary>
    public async Task KillAsync()
    {
        if (Postmaster is not { } postmaster)
            return;
        await postmaster.KillAsync();
        // They hold its number, which may be somebody else's by the restart, or that of a zombie:
        // PostgreSQL would refuse to start.
        File.Delete(Path.Combine(Data, "postmaster.pid"));
        File.Delete(Path.Combine(folder, $".s.PGSQL.{Port}.lock"));
    }

    /// <summary>It stands still: connections stay open, and nothing is answered.</summary>
    public Task SuspendAsync() => Postmaster?.SuspendAsync() ?? Task.CompletedTask;

    /// <summary>After <see cref="SuspendAsync"/> it goes on as if nothing had been.</summary>
    public Task ResumeAsync() => Postmaster?.ResumeAsync() ?? Task.CompletedTask;

    /// <summary>SIGKILL, and the disk is gone too.</summary>
    public async Task LoseAsync()
    {
        await KillAsync();
        Directory.Delete(Data, recursive: true);
        // What pools of this process hold of it is dead now.
        NpgsqlConnection.ClearAllPools();
    }

    /// <summary>
    /// Runs a shell script on the server's machine as the server's user, with its programs on the PATH
    /// and variables that lead them to it.
    /// </summary>
    /// <returns>What it wrote to its standard output.</returns>
    /// <exception cref="InvalidOperationException">It failed; with what it wrote.</exception>
    public Task<string> RunScriptAsync(string script, params string[] arguments) =>
        binaries
            .Command(
                "/usr/bin/env",
                [
                    $"PATH={binaries.Folder}:/usr/bin:/bin",
                    "PGHOST=127.0.0.1",
                    $"PGPORT={Port}",
                    "PGUSER=postgres",
                    "sh",
                    script,
                    .. arguments,
                ]
            )
            .ReadAsync();

    /// <summary>Ends all connections and stops in order.</summary>
    public async Task StopAsync()
    {
        if (Postmaster is not null)
            await binaries
                .Command("pg_ctl", "stop", "-w", "-m", "fast", "-D", binaries.Inside(Data))
                .RunAsync();
    }

    /// <summary>Starts it, after a stop if it runs, on the same port and with the same data.</summary>
    public async Task RestartAsync()
    {
        await StopAsync();
        await StartProcessAsync();
    }

    public async ValueTask DisposeAsync()
    {
        // A server that stands still would not hear that it is to stop.
        await ResumeAsync();
        await end.DisposeAsync();
    }

    private async Task CreateClusterAsync((string Name, string Value)[] settings)
    {
        // Whether the empty cluster survives a power cut interests nobody: --no-sync is for initdb
        // only, and the server itself keeps fsync on.
        await binaries
            .Command(
                "initdb",
                [
                    "--no-sync",
                    "-E",
                    "UTF8",
                    "--locale=C",
                    "-A",
                    "trust",
                    "-U",
                    "postgres",
                    "-D",
                    binaries.Inside(Data),
                ]
            )
            .RunAsync();
        (string Name, string Value)[] own =
        [
            ("listen_addresses", "127.0.0.1"),
            ("port", $"{Port}"),
            ("unix_socket_directories", binaries.Inside(folder)),
            ("max_connections", "200"),
        ];
        await File.AppendAllLinesAsync(
            Path.Combine(Data, "postgresql.conf"),
            own.Concat(settings).Select(setting => $"{setting.Name} = {Quote(setting.Value)}")
        );
    }

    private async Task StartProcessAsync()
    {
        var start = binaries.Command(
            "pg_ctl",
            ["start", "-w", "-D", binaries.Inside(Data), "-l", binaries.Inside(LogFile)]
        );
        try
        {
            await start.RunAsync();
        }
        catch (InvalidOperationException e)
        {
            throw new InvalidOperationException($"{e.Message}\n{Log}", e);
        }
    }

    private static string Quote(string value) =>
        $"'{value.Replace("'", "''", StringComparison.Ordinal)}'";

    private string[] StopCommand()
    {
        var stop = binaries.Command(
            "pg_ctl",
            ["stop", "-w", "-m", "immediate", "-D", binaries.Inside(Data)]
        );
        return [stop.Program, .. stop.Arguments];
    }
}
