using Microsoft.Data.Sqlite;
using Npgsql;
using Orchestra.Database.Postgres;
using Orchestra.Database.Postgres.Maintenance;
using Orchestra.Database.Sqlite;
using Orchestra.Sync.Store;
using Orchestra.TestKit.Postgres;

namespace Orchestra.TestKit.Stores;

/// <summary>
/// The database behind a silo or a grain under test, empty and its own: the embedded one, or
/// PostgreSQL where the environment says so. The same tests run on both.
/// </summary>
public sealed class StoreUnderTest
{
    /// <summary>Set to <c>postgres</c>, it puts every silo and grain of a test run there.</summary>
    public const string Variable = "ORCHESTRA_TEST_STORE";

    private readonly string file;
    private readonly MigratedDatabase? postgres;

    private StoreUnderTest(string file, MigratedDatabase? postgres)
    {
        this.file = file;
        this.postgres = postgres;
    }

    public static bool IsPostgres => Environment.GetEnvironmentVariable(Variable) == "postgres";

    /// <summary>The settings that put a silo there.</summary>
    public IReadOnlyDictionary<string, string> Settings =>
        postgres is null
            ? new Dictionary<string, string>()
            : new Dictionary<string, string>
            {
                ["Orchestra:Postgres:ConnectionString"] = postgres.ConnectionString(),
                ["Orchestra:Postgres:MaintenanceConnectionString"] = postgres.ConnectionString(
                    MigratedDatabase.Maintenance
                ),
            };

    /// <param name="folder">Where an embedded store is.</param>
    public static async Task<StoreUnderTest> CreateAsync(string folder) =>
        new(
            Path.Combine(folder, "orchestra.db"),
            IsPostgres ? await MigratedDatabase.CreateAsync() : null
        );

    /// <summary>PostgreSQL, behind a server that others have started.</summary>
    public static StoreUnderTest Of(MigratedDatabase database) => new("", database);

    /// <summary>What another process would open; runs work and closes it.</summary>
    public async Task BesideAsync(Func<ISyncStore, Task> work)
    {
        if (postgres is not null)
        {
            await using var cluster = PostgresDatabase.Open(postgres.ConnectionString());
            await work(await PostgresSyncStore.OpenAsync(cluster, CancellationToken.None));
            return;
        }
        using var embedded = SqliteDatabase.OpenFile(file);
        await work(await SqliteSyncStore.OpenAsync(embedded, CancellationToken.None));
    }

    /// <summary>
    /// Takes a backup and gives what puts it back. Both want the silo stopped. On PostgreSQL the
    /// operator does as the manual says and begins a new epoch; the embedded store has no command for
    /// it, so that devices notice by themselves.
    /// </summary>
    public async Task<Func<Task>> BackUpAsync()
    {
        if (postgres is not null)
        {
            var copy = await postgres.CopyAsync();
            return async () =>
            {
                await postgres.PutBackAsync(copy);
                await new PostgresEpochs(
                    postgres.ConnectionString(MigratedDatabase.Maintenance),
                    TimeProvider.System
                ).BumpAsync(null, new Progress<long>(), CancellationToken.None);
            };
        }
        var saved = Files().ToDictionary(path => path, File.ReadAllBytes);
        return () =>
        {
            foreach (var path in Files())
                File.Delete(path);
            foreach (var (path, bytes) in saved)
                File.WriteAllBytes(path, bytes);
            return Task.CompletedTask;
        };
    }

    private string[] Files() =>
        Directory.GetFiles(Path.GetDirectoryName(file)!, Path.GetFileName(file) + "*");

    /// <summary>Another program keeps everybody from writing until it is disposed.</summary>
    public Task<IAsyncDisposable> HoldAsync() =>
        MeddleAsync("begin immediate", "begin; lock table orchestra.sync_head");

    /// <summary>Another program with a hand in the database, until it is disposed.</summary>
    /// <param name="sqlite">What it does to an embedded one.</param>
    /// <param name="postgresql">What it does to PostgreSQL, with every right.</param>
    public async Task<IAsyncDisposable> MeddleAsync(string sqlite, string postgresql)
    {
        if (postgres is not null)
        {
            var other = await postgres.EnterAsync();
            await using var statement = new NpgsqlCommand(postgresql, other);
            await statement.ExecuteNonQueryAsync();
            return other;
        }
        var connection = new SqliteConnection($"Data Source={file};Pooling=False");
        connection.Open();
        await using var command = connection.CreateCommand();
        command.CommandText = sqlite;
        command.ExecuteNonQuery();
        return connection;
    }
}
