using Orchestra.TestKit.Postgres;
using Orchestra.TestKit.Redis;
using Orchestra.TestKit.Silos;

namespace Orchestra.Tests.Cluster.Redis;

/// <summary>Like <see cref="TwoClusters"/>, but in this process, where what is counted can be read.</summary>
internal sealed class TwoGateways : IAsyncDisposable
{
    private TwoGateways(
        MigratedDatabase database,
        RedisServer redis,
        RunningSilo first,
        RunningSilo second
    ) => (Database, Redis, First, Second) = (database, redis, first, second);

    public MigratedDatabase Database { get; }

    public RedisServer Redis { get; }

    public RunningSilo First { get; }

    public RunningSilo Second { get; }

    public static async Task<TwoGateways> StartAsync(
        params (string Key, string Value)[] settings
    ) => await StartAsync(await RedisServer.StartAsync(), settings);

    /// <param name="redis">Running; disposed of with the gateways.</param>
    /// <param name="settings">Of both, besides those for the stores.</param>
    public static async Task<TwoGateways> StartAsync(
        RedisServer redis,
        params (string Key, string Value)[] settings
    )
    {
        var database = await MigratedDatabase.CreateAsync();
        var first = await StartAsync(database, redis, "first", settings);
        return new(database, redis, first, await StartAsync(database, redis, "second", settings));
    }

    public async ValueTask DisposeAsync()
    {
        await First.DisposeAsync();
        await Second.DisposeAsync();
        await Redis.DisposeAsync();
    }

    private static Task<RunningSilo> StartAsync(
        MigratedDatabase database,
        RedisServer redis,
        string cluster,
        (string Key, string Value)[] settings
    ) =>
        RunningSilo.StartAsync(
            null,
            [
                ("Orchestra:Postgres:ConnectionString", database.ConnectionString()),
                (
                    "Orchestra:Postgres:MaintenanceConnectionString",
                    database.ConnectionString(MigratedDatabase.Maintenance)
                ),
                ("Orchestra:Redis:ConnectionString", redis.ConnectionString),
                ("Orchestra:Cluster:Id", cluster),
                .. settings,
            ]
        );
}
