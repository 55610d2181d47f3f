using Orchestra.TestKit.Clusters;
using Xunit.Abstractions;

namespace Orchestra.Tests.Cluster.Cluster;

/// <summary>P17: every process of a cluster is asked to end and started again, while users write.</summary>
[Collection(nameof(Alone))]
public sealed class RollingRestartTests(ITestOutputHelper output)
{
    private const int Users = 10;
    private const int Devices = 20;

    [Fact]
    public async Task P17_a_rolling_restart_loses_nothing_and_devices_see_nothing_but_reconnects()
    {
        await using var cluster = await ProcessCluster.StartAsync(output.WriteLine);
        await using var crowd = await Crowd.GatherAsync(cluster, Users, Devices);
        await crowd.ReachEverybodyAsync();

        foreach (var process in cluster.Processes)
        {
            var before = crowd.Written;
            Assert.Equal(0, await process.StopAsync());
            await process.RestartAsync();
            await crowd.ReachEverybodyAsync();
            Assert.True(crowd.Written > before, "Nobody wrote while a process was away");
        }

        await crowd.ConvergeAsync();
        await crowd.RequireAllInDatabaseAsync();
        var reasons = crowd.Devices.SelectMany(device => device.Reasons).ToList();
        output.WriteLine($"{reasons.Count} connections ended");
        Assert.NotEmpty(reasons);
        Assert.All(reasons, reason => Assert.Equal(BusyDevice.Orderly, reason));
    }
}
