using Microsoft.Extensions.Time.Testing;
using Orchestra.Database.Postgres;
using Orchestra.Database.Postgres.Maintenance;
using Orchestra.Database.Schema;
using Orchestra.Sync;
using Orchestra.Sync.Store;
using Orchestra.TestKit.Postgres;
using Orchestra.TestKit.Stores;

namespace Orchestra.Tests.Postgres;

/// <summary>After a restore to an earlier moment no device is told that it has everything.</summary>
public sealed class EpochTests : IAsyncLifetime
{
    private OldHistories old = null!;

    public async Task InitializeAsync() => old = await OldHistories.CreateAsync();

    public Task DisposeAsync() => old.DisposeAsync().AsTask();

    [Fact]
    public async Task P13_A_cursor_ahead_of_the_restored_head_is_reset_and_told_what_was_kept()
    {
        var owner = await old.WriteThreeMonthsAsync();
        var restored = owner.Head;
        var seen = new Cursor(restored.Epoch, 9, new ChangeId(Guid.NewGuid()), null);

        Assert.Equal(1, await BumpAsync());

        var head = await old.HeadAsync(owner);
        Assert.Equal(OldHistories.July.ToUnixTimeMilliseconds(), head.Epoch);
        Assert.Equal(restored.CommitNo + 1, head.CommitNo);
        var outcome = await old.Store.ReadAsync(
            new ReadQuery(owner.Owner, seen, 10, 10_000, null),
            CancellationToken.None
        );
        Assert.Equal(new Reset(head.Epoch, 6, ResetReason.EpochChanged), outcome.Reset);
        Assert.Empty((await old.VerifyAsync()).Findings);
    }

    [Fact]
    public async Task P13_After_two_restores_the_smaller_part_was_kept()
    {
        var owner = await old.WriteThreeMonthsAsync();
        var first = owner.Head.Epoch;
        await BumpAsync();
        owner.Reload(await old.HeadAsync(owner));
        owner.Create("projects", ("name", FieldValue.Text("July")));
        await old.CommitAsync(owner);
        var second = owner.Head.Epoch;
        // A clock that stands still: an epoch grows all the same.
        await BumpAsync();

        var head = await old.HeadAsync(owner);
        Assert.Equal(second + 1, head.Epoch);
        Assert.Equal((6L, 7L), (await KeptAsync(owner, first), await KeptAsync(owner, second)));
        Assert.Empty((await old.VerifyAsync()).Findings);
    }

    [Fact]
    public async Task A_commit_of_the_old_epoch_takes_no_effect()
    {
        var owner = await old.WriteThreeMonthsAsync();
        owner.Create("projects", ("name", FieldValue.Text("late")));
        var late = owner.Commit();
        await BumpAsync();
        Assert.Equal(
            [CommitOutcome.FenceLost],
            await old.Store.CommitAsync([late], CancellationToken.None)
        );
    }

    [Fact]
    public async Task One_owner_or_all_of_many()
    {
        var owners = Enumerable.Range(0, 1_203).Select(_ => OldHistories.NewOwner()).ToList();
        foreach (var chunk in owners.Chunk(400))
            await old.Store.CommitAsync(
                [.. chunk.Select(owner => owner.Commit())],
                CancellationToken.None
            );
        Assert.Equal(1, await BumpAsync(owners[7].Owner));
        Assert.Equal(1_203, await BumpAsync());
        Assert.Equal(
            1_204L,
            await old.Database.RunAsync("select count(*) from orchestra.sync_epoch")
        );
    }

    [Fact]
    public async Task Only_maintenance_may()
    {
        var fault = await Assert.ThrowsAsync<SchemaException>(() =>
            BumpAsync(role: MigratedDatabase.App)
        );
        Assert.Contains("orchestra_maintenance", fault.Message, StringComparison.Ordinal);
    }

    private async Task<long> KeptAsync(OwnerHistory owner, long epoch)
    {
        var query = new ReadQuery(owner.Owner, new Cursor(epoch, 20, null, null), 9, 9_000, null);
        return (await old.Store.ReadAsync(query, CancellationToken.None)).Reset!.Kept;
    }

    private Task<long> BumpAsync(
        OwnerId? owner = null,
        string role = MigratedDatabase.Maintenance
    ) =>
        new PostgresEpochs(
            old.Database.ConnectionString(role),
            new FakeTimeProvider(OldHistories.July)
        ).BumpAsync(owner, new Progress<long>(), CancellationToken.None);
}
