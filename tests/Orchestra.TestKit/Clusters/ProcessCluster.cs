using Orchestra.Sync;
using Orchestra.TestKit.Postgres;
using Orchestra.TestKit.Processes;
using Orchestra.TestKit.Proxies;
using Orchestra.TestKit.Redis;
using Orchestra.TestKit.Silos;
using Orchestra.TestKit.Stores;

namespace Orchestra.TestKit.Clusters;

/// <summary>
/// A cluster as it runs in production, on one machine: sync silos and gateways, each a process of
/// its own, on one PostgreSQL and one Redis, with one address before the gateways.
/// </summary>
public sealed class ProcessCluster : IServerUnderTest
{
    private readonly LoadBalancer balancer;
    private readonly RedisServer redis;
    private readonly DirectoryInfo contents;
    private readonly Action<string>? say;

    private ProcessCluster(
        Action<string>? say,
        DirectoryInfo contents,
        MigratedDatabase database,
        RedisServer redis,
        IReadOnlyList<SiloProcess> sync,
        IReadOnlyList<SiloProcess> gateways
    )
    {
        this.say = say;
        this.redis = redis;
        this.contents = contents;
        Database = database;
        Store = StoreUnderTest.Of(database);
        Sync = sync;
        Gateways = gateways;
        balancer = new LoadBalancer([.. gateways.Select(gateway => gateway.Gateway)]);
        Http = new HttpClient { BaseAddress = Gateway };
    }

    public MigratedDatabase Database { get; }

    public IReadOnlyList<SiloProcess> Sync { get; }

    public IReadOnlyList<SiloProcess> Gateways { get; }

    public IEnumerable<SiloProcess> Processes => Sync.Concat(Gateways);

    public Uri Gateway => balancer.Address;

    public HttpClient Http { get; }

    public StoreUnderTest Store { get; }

    public string DevelopmentKeyFile => KeyFileIn(Gateways[0].Folder);

    /// <param name="say">Hears in the end what the processes complained of.</param>
    /// <param name="sync">How many sync silos.</param>
    /// <param name="gateways">How many gateways; every second is a client from outside.</param>
    public static async Task<ProcessCluster> StartAsync(
        Action<string>? say = null,
        int sync = 3,
        int gateways = 2
    )
    {
        var database = await MigratedDatabase.CreateAsync();
        await database.MakeGatewayRoleAsync();
        var redis = await RedisServer.StartAsync();
        var contents = Directory.CreateTempSubdirectory("orchestra-contents-");
        // Most of a start is one core's work.
        var silos = Enumerable
            .Range(0, sync)
            .Select(_ => StartSyncAsync(database, redis, contents))
            .ToList();
        var doors = new List<SiloProcess>();
        for (var i = 0; i < gateways; i++)
            doors.Add(
                await StartGatewayAsync(
                    database,
                    redis,
                    contents,
                    doors.FirstOrDefault(),
                    isClient: i % 2 == 1
                )
            );
        return new(say, contents, database, redis, await Task.WhenAll(silos), doors);
    }

    public Task<string> TokenAsync(OwnerId owner) => GetTokenAsync(owner.Value);

    /// <summary>A token that every gateway takes.</summary>
    public async Task<string> GetTokenAsync(Guid user)
    {
        foreach (var gateway in Gateways)
        {
            try
            {
                return await gateway.GetTokenAsync(user);
            }
            catch (HttpRequestException)
            {
                // It has been killed; the next one has the same key.
            }
        }
        throw new InvalidOperationException("No gateway hands out tokens");
    }

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        await balancer.DisposeAsync();
        foreach (var process in Gateways.Concat(Sync))
        {
            Tell(process);
            await process.DisposeAsync();
        }
        await redis.DisposeAsync();
        contents.Delete(recursive: true);
    }

    private void Tell(SiloProcess process)
    {
        var complaints = process
            .Lines.Where(line => line.Contains(" warn: ") || line.Contains(" fail: "))
            .Select(line => line[(line.IndexOf('Z') + 1)..])
            .GroupBy(line => line[..Math.Min(line.Length, 100)])
            .Select(group =>
                $"  {group.Count()} × {group.First()[..Math.Min(group.First().Length, 260)]}"
            );
        say?.Invoke($"{process.Gateway}\n{string.Join('\n', complaints)}");
    }

    private static string KeyFileIn(string folder) =>
        Path.Combine(folder, "data", "development.key");

    private static Task<SiloProcess> StartSyncAsync(
        MigratedDatabase database,
        RedisServer redis,
        DirectoryInfo contents
    ) =>
        SiloProcess.StartAsync(
            ("Orchestra__Roles", "sync"),
            ("Orchestra__Contents__Directory", contents.FullName),
            ("Orchestra__Postgres__ConnectionString", database.ConnectionString()),
            (
                "Orchestra__Postgres__MaintenanceConnectionString",
                database.ConnectionString(MigratedDatabase.Maintenance)
            ),
            ("Orchestra__Redis__ConnectionString", redis.ConnectionString),
            ("Orchestra__Cluster__GatewayPort", $"{SiloPorts.Next()}")
        );

    private static Task<SiloProcess> StartGatewayAsync(
        MigratedDatabase database,
        RedisServer redis,
        DirectoryInfo contents,
        SiloProcess? other,
        bool isClient
    )
    {
        var folder = Directory.CreateTempSubdirectory("orchestra-silo-").FullName;
        if (other is not null)
        {
            Directory.CreateDirectory(Path.GetDirectoryName(KeyFileIn(folder))!);
            File.Copy(KeyFileIn(other.Folder), KeyFileIn(folder));
        }
        return SiloProcess.StartAsync(
            folder,
            ("Orchestra__Roles", "gateway"),
            ("Orchestra__Contents__Directory", contents.FullName),
            ("Orchestra__Gateway__Join", isClient ? "client" : "silo"),
            ("Orchestra__Redis__ConnectionString", redis.ConnectionString),
            (
                "Orchestra__Cluster__ConnectionString",
                database.ConnectionString(MigratedDatabase.Gateway)
            )
        );
    }
}
