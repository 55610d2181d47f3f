using System.Globalization;
using Orchestra.Sync;
using Orchestra.Sync.Wire;
using Orchestra.TestKit.Postgres;
using Orchestra.TestKit.Processes;

namespace Orchestra.Tests.Cluster;

/// <summary>Two clusters that know nothing of each other write for the same owners.</summary>
public class TwoClustersTests
{
    private const int Owners = 20;

    /// <summary>20 s, or as many as the environment's <c>ORCHESTRA_SOAK</c> says.</summary>
    private static readonly TimeSpan Length = TimeSpan.FromSeconds(
        int.Parse(
            Environment.GetEnvironmentVariable("ORCHESTRA_SOAK") ?? "20",
            CultureInfo.InvariantCulture
        )
    );

    [Fact]
    public async Task P1_versions_have_no_gap_fences_are_lost_and_nothing_else_is()
    {
        var database = await MigratedDatabase.CreateAsync();
        await using var first = await StartAsync(database, "first");
        await using var second = await StartAsync(database, "second");
        var owners = Enumerable.Range(0, Owners).Select(_ => Guid.NewGuid()).ToList();
        using var end = new CancellationTokenSource(Length);
        var acknowledged = (
            await Task.WhenAll(
                from owner in owners
                from silo in new[] { first, second }
                select PushAsync(silo, owner, end.Token)
            )
        )
            .SelectMany(list => list)
            .ToList();

        // A run without a race would show nothing.
        Assert.Contains(first.Lines.Concat(second.Lines), line => line.Contains("FenceLost"));
        Assert.Equal(
            (long)acknowledged.Count,
            await database.RunAsync(
                "select count(*) from orchestra.sync_log where entity_type = 'projects'"
            )
        );
        Assert.Equal(acknowledged.Count, acknowledged.Distinct().Count());
        Assert.Equal(
            (long)Owners,
            await database.RunAsync(
                """
                select count(*) from orchestra.sync_head h join (
                    select owner_id, count(*) as n, min(version) as first, max(version) as last,
                        count(distinct version) as different
                    from orchestra.sync_log group by owner_id
                ) l using (owner_id)
                where h.version = n and first = 1 and last = n and different = n
                """
            )
        );
    }

    private static Task<SiloProcess> StartAsync(MigratedDatabase database, string cluster) =>
        SiloProcess.StartAsync(
            ("Orchestra__Postgres__ConnectionString", database.ConnectionString()),
            ("Orchestra__Cluster__Id", cluster)
        );

    /// <summary>A device that creates one row after the other.</summary>
    /// <returns>Owner and version of each that was acknowledged.</returns>
    private static async Task<List<(Guid, long)>> PushAsync(
        SiloProcess silo,
        Guid owner,
        CancellationToken end
    )
    {
        using var device = await HttpDevice.ConnectAsync(silo, owner);
        // The first push is told which epoch it is, and makes the owner.
        await device.PushAsync(0, [HttpDevice.NewProject(1)]);
        var epoch = await device.ReadEpochAsync();
        var versions = new List<(Guid, long)>();
        for (var seq = 1; !end.IsCancellationRequested; )
        {
            var answer = await device.PushAsync(epoch, [HttpDevice.NewProject(seq)]);
            if (answer is not PushedMessage pushed)
            {
                Assert.True(Assert.IsType<ErrorMessage>(answer).Retryable);
                continue;
            }
            versions.Add((owner, Assert.Single(pushed.Results).Version!.Value));
            seq++;
        }
        return versions;
    }
}
