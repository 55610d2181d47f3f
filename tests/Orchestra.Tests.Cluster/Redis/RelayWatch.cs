using System.Diagnostics;
using Orchestra.Sync;
using Orchestra.TestKit.Silos;
using Xunit.Abstractions;

namespace Orchestra.Tests.Cluster.Redis;

/// <summary>Waits for changes on the other of two clusters, and says how long they took.</summary>
internal sealed class RelayWatch(ITestOutputHelper output)
{
    private const int Pushes = 200;

    /// <summary>Before anything is measured: a silo that has just started is still compiled.</summary>
    private const int WarmUp = 50;

    private static readonly TimeSpan Glance = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(120);

    /// <summary>By a hint, or else by the heartbeat, which beats after 30 seconds of silence.</summary>
    public async Task ReachesAsync(string redis, RawDevice from, RawDevice to)
    {
        var clock = Stopwatch.StartNew();
        var version = await TwoClusters.PushAsync(from);
        await from.ReadUntilAsync(version);
        var arriving = to.ReadUntilAsync(version, Patience);
        // Who does not read answers no pings, and is disconnected.
        while (await Task.WhenAny(arriving, Task.Delay(Glance)) != arriving)
            await from.Socket.DrainAsync();
        await arriving;
        output.WriteLine($"With Redis {redis} a change took {clock.Elapsed.TotalSeconds:0.000} s");
    }

    /// <summary>From the start of a push on one cluster to the frame on the other.</summary>
    public async Task MeasureAsync(RawDevice from, RawDevice to)
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
