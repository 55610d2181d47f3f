using System.Diagnostics;
using Orchestra.Sync;
using Orchestra.Sync.Wire;
using Orchestra.TestKit.Redis;
using Orchestra.TestKit.Silos;
using Xunit.Abstractions;

namespace Orchestra.Tests.Cluster.Redis;

/// <summary>What is pushed to one cluster reaches a device on the other, with Redis and without.</summary>
public class RelayTests(ITestOutputHelper output)
{
    private const int Pushes = 200;

    /// <summary>Before anything is measured: a silo that has just started is still compiled.</summary>
    private const int WarmUp = 50;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(120);

    private readonly OwnerId owner = new(Guid.NewGuid());

    [Fact]
    public async Task P15_Redis_makes_it_prompt_and_its_loss_only_slow()
    {
        await using var clusters = await TwoClusters.StartAsync(await RedisServer.StartAsync());
        var (desk, phone) = await clusters.ConnectAsync(owner);
        await using var first = desk;
        await using var second = phone;
        await clusters.WaitForListenersAsync(owner);
        await MeasureAsync(desk, phone);

        await clusters.Redis.FlushAsync();
        await ReachesAsync("flushed", desk, phone);
        await clusters.Redis.PauseAsync();
        await ReachesAsync("held", desk, phone);
        await clusters.Redis.ContinueAsync();
        await ReachesAsync("released", phone, desk);
        await TwoClusters.WaitForHealthAsync(clusters.First, "Healthy");
        await clusters.Redis.KillAsync();
        Assert.Contains(
            "Redis cannot be reached",
            await TwoClusters.WaitForHealthAsync(clusters.First, "Degraded"),
            StringComparison.Ordinal
        );
        await ReachesAsync("gone", desk, phone);

        await clusters.Redis.RestartAsync();
        await TwoClusters.WaitForHealthAsync(clusters.First, "Healthy");
        await TwoClusters.WaitForHealthAsync(clusters.Second, "Healthy");
        await clusters.WaitForListenersAsync(owner);
        await MeasureAsync(phone, desk);
        // It was held and it was killed; each is told once, and so is each return.
        var losses = Count("Redis cannot be reached");
        Assert.InRange(losses, 2, int.MaxValue);
        Assert.Equal(losses + 1, Count("Redis is reached"));

        int Count(string text) =>
            clusters.First.Lines.Count(line => line.Contains(text, StringComparison.Ordinal));
    }

    [Fact]
    public async Task P15_A_silo_starts_without_Redis_and_finds_it_later()
    {
        await using var clusters = await TwoClusters.StartAsync(RedisServer.Down());
        await TwoClusters.WaitForHealthAsync(clusters.First, "Degraded");
        var (desk, phone) = await clusters.ConnectAsync(owner);
        await using var first = desk;
        await using var second = phone;
        await ReachesAsync("gone", desk, phone);

        await clusters.Redis.RestartAsync();
        await TwoClusters.WaitForHealthAsync(clusters.First, "Healthy");
        await TwoClusters.WaitForHealthAsync(clusters.Second, "Healthy");
        await clusters.WaitForListenersAsync(owner);
        await MeasureAsync(desk, phone);
    }

    /// <summary>By a hint, or else by the heartbeat, which beats after 30 seconds of silence.</summary>
    private async Task ReachesAsync(string redis, RawDevice from, RawDevice to)
    {
        var clock = Stopwatch.StartNew();
        var version = await TwoClusters.PushAsync(from);
        await from.ReadUntilAsync(version);
        await to.ReadUntilAsync(version, Patience);
        output.WriteLine($"With Redis {redis} a change took {clock.Elapsed.TotalSeconds:0.000} s");
    }

    /// <summary>From the start of a push on one cluster to the frame on the other.</summary>
    private async Task MeasureAsync(RawDevice from, RawDevice to)
    {
        var took = new List<double>();
        for (var i = -WarmUp; i < Pushes; i++)
        {
            var start = Stopwatch.GetTimestamp();
            var pushing = TwoClusters.PushAsync(from);
            var frames = await to.ReadUntilAsync(await pushing, Patience);
            if (i >= 0)
                took.Add(Stopwatch.GetElapsedTime(start).TotalMilliseconds);
            await from.ReadUntilAsync(frames[^1].To);
        }
        took.Sort();
        output.WriteLine(
            $"From a push on one cluster to the frame on the other: median {took[Pushes / 2]:0.0} ms, "
                + $"p99 {took[Pushes * 99 / 100]:0.0} ms, longest {took[^1]:0.0} ms of {Pushes}"
        );
    }
}
