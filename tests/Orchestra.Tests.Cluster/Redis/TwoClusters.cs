using System.Globalization;
using Orchestra.Sync;
using Orchestra.Sync.Wire;
using Orchestra.TestKit.Postgres;
using Orchestra.TestKit.Processes;
using Orchestra.TestKit.Redis;
using Orchestra.TestKit.Silos;

namespace Orchestra.Tests.Cluster.Redis;

/// <summary>Two clusters of a silo each, on one database and one Redis server.</summary>
internal sealed class TwoClusters : IAsyncDisposable
{
    private static readonly TimeSpan LookInterval = TimeSpan.FromMilliseconds(100);

    private TwoClusters(RedisServer redis, SiloProcess first, SiloProcess second) =>
        (Redis, First, Second) = (redis, first, second);

    public RedisServer Redis { get; }

    public SiloProcess First { get; }

    public SiloProcess Second { get; }

    /// <param name="redis">Running or down; disposed of with the clusters.</param>
    public static async Task<TwoClusters> StartAsync(RedisServer redis)
    {
        var database = await MigratedDatabase.CreateAsync();
        var first = await StartAsync(database, redis, "first");
        return new TwoClusters(redis, first, await StartAsync(database, redis, "second"));
    }

    /// <summary>A device of an owner on either.</summary>
    public async Task<(RawDevice OnFirst, RawDevice OnSecond)> ConnectAsync(OwnerId owner) =>
        (await ConnectAsync(First, owner), await ConnectAsync(Second, owner));

    public static async Task<RawDevice> ConnectAsync(SiloProcess silo, OwnerId owner) =>
        await RawDevice.ConnectAsync(silo.Gateway, await silo.GetTokenAsync(owner.Value), owner);

    /// <summary>Pushes a new row.</summary>
    /// <returns>Its version.</returns>
    public static async Task<long> PushAsync(RawDevice device)
    {
        var verdicts = await device.PushAsync(Row());
        return Assert.Single(verdicts).Version!.Value;
    }

    public static WireChange Row() => HttpDevice.NewProject(0);

    /// <summary>Waits until a silo's health begins with a word.</summary>
    /// <returns>All it says then; it is ready all the while.</returns>
    public static async Task<string> WaitForHealthAsync(SiloProcess silo, string word)
    {
        using var http = new HttpClient { BaseAddress = silo.Admin };
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        using var timer = new PeriodicTimer(LookInterval);
        while (true)
        {
            // Anything but 200 throws.
            var said = await http.GetStringAsync("/health/ready", patience.Token);
            if (said.StartsWith(word, StringComparison.Ordinal))
                return said;
            await timer.WaitForNextTickAsync(patience.Token);
        }
    }

    /// <summary>Waits until both clusters are subscribed to an owner's channel.</summary>
    public async Task WaitForListenersAsync(OwnerId owner)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        using var timer = new PeriodicTimer(LookInterval);
        while (await CountListenersAsync(owner) is var count && count < 2)
        {
            if (patience.IsCancellationRequested)
                throw new TimeoutException(
                    $"{count} listen to {owner}; {Told(First)}; {Told(Second)}"
                );
            await timer.WaitForNextTickAsync(CancellationToken.None);
        }
    }

    private static string Told(SiloProcess silo) =>
        string.Join('\n', silo.Lines.Where(line => !line.Contains("info: Orleans")));

    private async Task<int> CountListenersAsync(OwnerId owner)
    {
        var answer = await Redis.AskAsync($"PUBSUB NUMSUB sync:{owner}", lines: 4);
        return int.Parse(answer[^1].TrimStart(':'), CultureInfo.InvariantCulture);
    }

    public async ValueTask DisposeAsync()
    {
        await First.DisposeAsync();
        await Second.DisposeAsync();
        await Redis.DisposeAsync();
    }

    private static Task<SiloProcess> StartAsync(
        MigratedDatabase database,
        RedisServer redis,
        string cluster
    ) =>
        SiloProcess.StartAsync(
            ("Orchestra__Postgres__ConnectionString", database.ConnectionString()),
            ("Orchestra__Redis__ConnectionString", redis.ConnectionString),
            ("Orchestra__Cluster__Id", cluster)
        );
}
