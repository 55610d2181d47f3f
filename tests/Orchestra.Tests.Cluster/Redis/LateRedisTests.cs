using Orchestra.Sync;
using Orchestra.TestKit.Redis;
using Xunit.Abstractions;

namespace Orchestra.Tests.Cluster.Redis;

/// <summary>Redis is not there when the clusters start.</summary>
public class LateRedisTests(ITestOutputHelper output)
{
    private readonly RelayWatch watch = new(output);
    private readonly OwnerId owner = new(Guid.NewGuid());

    [Fact]
    public async Task P15_A_silo_starts_without_Redis_and_finds_it_later()
    {
        await using var clusters = await TwoClusters.StartAsync(RedisServer.Down());
        await TwoClusters.WaitForHealthAsync(clusters.First, "Degraded");
        var (desk, phone) = await clusters.ConnectAsync(owner);
        await using var first = desk;
        await using var second = phone;
        await watch.ReachesAsync("gone", desk, phone);

        await clusters.Redis.RestartAsync();
        await TwoClusters.WaitForHealthAsync(clusters.First, "Healthy");
        await TwoClusters.WaitForHealthAsync(clusters.Second, "Healthy");
        await clusters.WaitForListenersAsync(owner);
        await watch.MeasureAsync(desk, phone);
    }
}
