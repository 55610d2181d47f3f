using Orchestra.Sync;
using Orchestra.TestKit.Redis;
using Xunit.Abstractions;

namespace Orchestra.Tests.Cluster.Redis;

/// <summary>What is pushed to one cluster reaches a device on the other, with Redis and without.</summary>
public class RelayTests(ITestOutputHelper output)
{
    private readonly RelayWatch watch = new(output);
    private readonly OwnerId owner = new(Guid.NewGuid());

    [Fact]
    public async Task P15_Redis_makes_it_prompt_and_its_loss_only_slow()
    {
        await using var clusters = await TwoClusters.StartAsync(await RedisServer.StartAsync());
        var (desk, phone) = await clusters.ConnectAsync(owner);
        await using var first = desk;
        await using var second = phone;
        await clusters.WaitForListenersAsync(owner);
        await watch.MeasureAsync(desk, phone);

        await clusters.Redis.FlushAsync();
        await watch.ReachesAsync("flushed", desk, phone);
        await clusters.Redis.PauseAsync();
        await watch.ReachesAsync("held", desk, phone);
        await clusters.Redis.ContinueAsync();
        await watch.ReachesAsync("released", phone, desk);
        await TwoClusters.WaitForHealthAsync(clusters.First, "Healthy");
        await clusters.Redis.KillAsync();
        Assert.Contains(
            "Redis cannot be reached",
            await TwoClusters.WaitForHealthAsync(clusters.First, "Degraded"),
            StringComparison.Ordinal
        );
        await watch.ReachesAsync("gone", desk, phone);

        await clusters.Redis.RestartAsync();
        await TwoClusters.WaitForHealthAsync(clusters.First, "Healthy");
        await TwoClusters.WaitForHealthAsync(clusters.Second, "Healthy");
        await clusters.WaitForListenersAsync(owner);
        await watch.MeasureAsync(phone, desk);
        // It was held and it was killed; each is told once, and so is each return.
        var losses = Count("Redis cannot be reached");
        Assert.InRange(losses, 2, int.MaxValue);
        Assert.Equal(losses + 1, Count("Redis is reached"));

        int Count(string text) =>
            clusters.First.Lines.Count(line => line.Contains(text, StringComparison.Ordinal));
    }
}
