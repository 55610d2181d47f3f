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
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(8);

    private static readonly TimeSpan Moment = TimeSpan.FromSeconds(5);

    private static readonly TimeSpan Glance = TimeSpan.FromMilliseconds(50);

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
    /// commits is refused, because others have committed since. A silo without a grain has nothing
    /// to be refused, so another is tried.
    /// </summary>
    private async Task StandStillAsync(ProcessCluster cluster, Crowd crowd)
    {
        foreach (var silo in cluster.Sync)
            if (await StandStillAsync(cluster, silo, crowd))
                return;
        Assert.Fail("No silo that had stood still was refused a commit");
    }

    /// <returns>Whether a commit of its was refused.</returns>
    private async Task<bool> StandStillAsync(ProcessCluster cluster, SiloProcess silo, Crowd crowd)
    {
        var refused = Refused(silo);
        await PauseBeforeItsCommitsAsync(cluster, silo);
        await Task.Delay(Pause);
        Say("a silo stands still, others go on", await crowd.ReachEverybodyAsync());
        await silo.ContinueAsync();
        Say("it goes on", await crowd.ReachEverybodyAsync());
        await WaitForRefusalAsync(silo, refused);
        var more = Refused(silo) - refused;
        output.WriteLine($"{more} commits of it were refused");
        if (silo.HasExited)
            await silo.RestartAsync();
        return more > 0;
    }

    /// <summary>
    /// Stops a silo while its grains wait for the rows on which they will decide: what they commit
    /// when it wakes up is what they would have committed now.
    /// </summary>
    private static async Task PauseBeforeItsCommitsAsync(ProcessCluster cluster, SiloProcess silo)
    {
        await using var meddler = await cluster.Database.EnterAsync();
        await using var transaction = await meddler.BeginTransactionAsync();
        await using var command = meddler.CreateCommand();
        command.CommandText = "lock table orchestra.projects in access exclusive mode";
        await command.ExecuteNonQueryAsync();
        // By then everybody writes something; those who wait give up after three seconds.
        await Task.Delay(TimeSpan.FromSeconds(1.5));
        await silo.PauseAsync();
        await transaction.CommitAsync();
    }

    /// <summary>What it was refused is in its log a moment later, if at all.</summary>
    private static async Task WaitForRefusalAsync(SiloProcess silo, int before)
    {
        for (
            var waited = TimeSpan.Zero;
            waited < Moment && Refused(silo) == before;
            waited += Glance
        )
            await Task.Delay(Glance);
    }

    private static int Refused(SiloProcess silo) => silo.Lines.Count(IsRefusal);

    private static bool IsRefusal(string line) =>
        line.Contains("ended with FenceLost", StringComparison.Ordinal);

    private static string NameOf(ProcessCluster cluster, SiloProcess process) =>
        cluster.Sync.Contains(process) ? "a sync silo" : "a gateway";

    private void Say(string what, TimeSpan took) =>
        output.WriteLine($"{what}: {took.TotalSeconds:0.0} s");
}
