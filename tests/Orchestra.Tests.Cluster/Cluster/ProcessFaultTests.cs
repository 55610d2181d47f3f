using Orchestra.TestKit.Clusters;
using Orchestra.TestKit.Processes;
using Xunit.Abstractions;

namespace Orchestra.Tests.Cluster.Cluster;

/// <summary>
/// Three sync silos, two gateways (one a silo, one a client of the cluster), twenty users with fifty
/// devices that write all the time; and one process after the other has an accident.
/// </summary>
[Collection(nameof(Alone))]
public sealed class ProcessFaultTests(ITestOutputHelper output)
{
    private const int Users = 20;
    private const int Devices = 50;

    /// <summary>Longer than the others need to give a silo up.</summary>
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(15);

    [Fact]
    public async Task P3_P6_any_process_may_be_killed_or_stand_still_and_nothing_is_lost()
    {
        await using var cluster = await ProcessCluster.StartAsync(output.WriteLine);
        await using var crowd = await Crowd.GatherAsync(cluster, Users, Devices);
        Say("everybody reached", await crowd.ReachEverybodyAsync());

        foreach (var process in cluster.Processes)
        {
            var before = crowd.Written;
            await process.KillAsync();
            Say($"{NameOf(cluster, process)} killed, recovered", await crowd.ReachEverybodyAsync());
            await process.RestartAsync();
            Assert.True(crowd.Written > before, "Nobody wrote while a process was down");
        }
        await crowd.ReachEverybodyAsync();
        await StandStillAsync(cluster, crowd);

        Say("converged after the last fault", await crowd.ConvergeAsync());
        await crowd.RequireAllInDatabaseAsync();
        output.WriteLine($"{crowd.Written} rows by {Devices} devices");
    }

    /// <summary>
    /// A silo that wakes up after it was given up still believes in its grains: whatever it then
    /// commits is refused, because others have committed since.
    /// </summary>
    private async Task StandStillAsync(ProcessCluster cluster, Crowd crowd)
    {
        var silo = cluster.Sync[0];
        var refused = Refused(silo);
        await silo.PauseAsync();
        await Task.Delay(Pause);
        Say("a silo stands still, others go on", await crowd.ReachEverybodyAsync());
        await silo.ContinueAsync();
        Say("it goes on", await crowd.ReachEverybodyAsync());
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        while (Refused(silo) == refused)
            await Task.Delay(100, patience.Token);
        output.WriteLine(silo.Lines.Last(IsRefusal));
        output.WriteLine($"the silo has {(silo.HasExited ? "ended itself" : "gone on")}");
        if (silo.HasExited)
            await silo.RestartAsync();
    }

    private static int Refused(SiloProcess silo) => silo.Lines.Count(IsRefusal);

    private static bool IsRefusal(string line) =>
        line.Contains("ended with FenceLost", StringComparison.Ordinal);

    private static string NameOf(ProcessCluster cluster, SiloProcess process) =>
        cluster.Sync.Contains(process) ? "a sync silo" : "a gateway";

    private void Say(string what, TimeSpan took) =>
        output.WriteLine($"{what}: {took.TotalSeconds:0.0} s");
}
