using System.Net;
using Orchestra.TestKit.Postgres;
using Orchestra.TestKit.Silos;
using Orleans.Runtime;

namespace Orchestra.Tests.Postgres;

[Collection(nameof(SharedOrleans))]
public sealed class OrleansMembershipTests(SharedOrleans shared)
{
    private static readonly TimeSpan Quick = TimeSpan.FromMilliseconds(500);

    [Fact]
    public async Task Two_silos_form_a_cluster_and_see_each_other_leave()
    {
        await using var first = await OrleansSilo.StartAsync(shared.Database, "two");
        await using var second = await OrleansSilo.StartAsync(shared.Database, "two");
        await first.SeesAsync(members => IsActive(members, second) && IsActive(members, first));
        await second.SeesAsync(members => IsActive(members, second) && IsActive(members, first));

        await second.StopAsync();

        await first.SeesAsync(m => m.GetSiloStatus(second.Address) == SiloStatus.Dead);
        var entry = Assert
            .Single((await first.Membership.ReadRowAsync(second.Address)).Members)
            .Item1;
        Assert.Equal(SiloStatus.Dead, entry.Status);
        Assert.Equal(2, (await first.Membership.ReadAllAsync()).Members.Count);
    }

    [Fact]
    public async Task A_silo_that_answers_nobody_is_declared_dead()
    {
        await using var silo = await OrleansSilo.StartAsync(shared.Database, "silent", Quick);
        var silent = Entry(SiloStatus.Active, TimeProvider.System.GetUtcNow());
        Assert.True(await silo.Membership.InsertRowAsync(silent, await NextAsync(silo)));

        await silo.SeesAsync(m => m.GetSiloStatus(silent.SiloAddress) == SiloStatus.Dead);

        var row = Assert
            .Single((await silo.Membership.ReadRowAsync(silent.SiloAddress)).Members)
            .Item1;
        Assert.Contains(row.SuspectTimes!, vote => vote.Item1.Equals(silo.Address));
    }

    [Fact]
    public async Task A_change_of_membership_is_refused_when_another_came_first()
    {
        await using var silo = await OrleansSilo.PrepareAsync(shared.Database, "fenced");
        var seen = await NextAsync(silo);
        var one = Entry(SiloStatus.Dead, TimeProvider.System.GetUtcNow());
        var other = Entry(SiloStatus.Dead, TimeProvider.System.GetUtcNow());

        var both = await Task.WhenAll(
            silo.Membership.InsertRowAsync(one, seen),
            silo.Membership.InsertRowAsync(other, seen)
        );
        Assert.Single(both, inserted => inserted);
        var winner = both[0] ? one : other;
        Assert.False(await UpdateAsync(silo, winner, seen));
        Assert.False(await silo.Membership.InsertRowAsync(winner, await NextAsync(silo)));
        Assert.True(await UpdateAsync(silo, winner, await NextAsync(silo)));
        var unknown = both[0] ? other : one;
        Assert.False(await UpdateAsync(silo, unknown, await NextAsync(silo)));
        Assert.Empty((await silo.Membership.ReadRowAsync(unknown.SiloAddress)).Members);
    }

    [Fact]
    public async Task Only_those_long_dead_are_cleaned_up()
    {
        await using var silo = await OrleansSilo.PrepareAsync(shared.Database, "cleaned");
        var now = TimeProvider.System.GetUtcNow();
        var longDead = Entry(SiloStatus.Dead, now.AddDays(-2));
        var justDead = Entry(SiloStatus.Dead, now);
        var alive = Entry(SiloStatus.Joining, now.AddDays(-2));
        // What others suspected of it takes part in the comparison.
        longDead.AddSuspector(alive.SiloAddress, now.AddDays(-2).UtcDateTime);
        foreach (var entry in new[] { longDead, justDead, alive })
        {
            Assert.True(await silo.Membership.InsertRowAsync(entry, await NextAsync(silo)));
            Assert.True(await UpdateAsync(silo, entry, await NextAsync(silo)));
        }

        await silo.Membership.CleanupDefunctSiloEntriesAsync(now.AddDays(-1));

        Assert.Equal(
            [.. new[] { justDead.SiloAddress, alive.SiloAddress }.Order()],
            (await silo.Membership.ReadAllAsync()).Members.Select(m => m.Item1.SiloAddress).Order()
        );
    }

    [Fact]
    public async Task A_cluster_is_forgotten_and_others_are_not()
    {
        await using var one = await OrleansSilo.PrepareAsync(shared.Database, "forgotten");
        await using var other = await OrleansSilo.PrepareAsync(shared.Database, "remembered");
        foreach (var silo in new[] { one, other })
        {
            var entry = Entry(SiloStatus.Dead, TimeProvider.System.GetUtcNow());
            Assert.True(await silo.Membership.InsertRowAsync(entry, await NextAsync(silo)));
        }

        await one.Membership.DeleteMembershipTableEntriesAsync("forgotten");
        await one.Membership.InitializeMembershipTableAsync(tryInitTableVersion: true);

        Assert.Empty((await one.Membership.ReadAllAsync()).Members);
        Assert.Single((await other.Membership.ReadAllAsync()).Members);
    }

    private static async Task<TableVersion> NextAsync(OrleansSilo silo) =>
        (await silo.Membership.ReadAllAsync()).Version.Next();

    // A row's etag is that of the table.
    private static Task<bool> UpdateAsync(
        OrleansSilo silo,
        MembershipEntry entry,
        TableVersion version
    ) => silo.Membership.UpdateRowAsync(entry, version.VersionEtag, version);

    private static bool IsActive(ClusterMembershipSnapshot members, OrleansSilo silo) =>
        members.GetSiloStatus(silo.Address) == SiloStatus.Active;

    /// <summary>A silo that nobody runs, as if the power had failed.</summary>
    private static MembershipEntry Entry(SiloStatus status, DateTimeOffset alive) =>
        new()
        {
            SiloAddress = SiloAddress.New(
                IPAddress.Loopback,
                SiloPorts.Next(),
                SiloAddress.AllocateNewGeneration()
            ),
            SiloName = "gone",
            HostName = "nowhere",
            Status = status,
            StartTime = alive.UtcDateTime,
            IAmAliveTime = alive.UtcDateTime,
        };
}
