using Orchestra.Sync;
using Orchestra.Sync.Store;
using Xunit;

namespace Orchestra.TestKit.Stores;

/// <summary>Of two writers of one owner, one wins; readers never see what is half done.</summary>
public abstract class FenceContract(IStoreBench bench) : StoreContract(bench)
{
    private const int Writers = 4;

    [Fact]
    public async Task A_commit_that_expects_an_older_head_touches_nothing()
    {
        var owner = NewOwner();
        var project = owner.Create("projects", Text("name", "Apollo"));
        await CommitAsync(owner);
        owner.Update(project, Text("name", "Gemini"));
        var late = owner.Commit() with { ExpectedCommitNo = 0 };
        late = late with { Head = late.Head with { CommitNo = 1 } };

        Assert.Equal([CommitOutcome.FenceLost], await Store.CommitAsync([late], Never));
        Assert.Equal("Apollo", (await LoadRowAsync(owner.Owner, project))!["name"].AsText());
        Assert.Equal(1, (await Store.LoadOwnerAsync(owner.Owner, Never))!.Head.Version);
    }

    [Fact]
    public async Task Of_two_commits_that_expect_the_same_head_the_second_touches_nothing()
    {
        var owner = NewOwner();
        var project = owner.Create("projects", Text("name", "Apollo"));
        await CommitAsync(owner);
        owner.Update(project, Text("name", "Gemini"));
        var commit = owner.Commit();
        var row = commit.Rows[0].After with
        {
            Fields = new Dictionary<string, FieldValue> { ["name"] = FieldValue.Text("Vostok") },
        };
        var rival = commit with { Rows = [commit.Rows[0] with { After = row }] };
        Assert.Equal([CommitOutcome.Committed], await Store.CommitAsync([commit], Never));
        Assert.Equal([CommitOutcome.FenceLost], await Store.CommitAsync([rival], Never));
        await AssertHoldsAsync(Store, owner);
    }

    [Fact]
    public async Task A_commit_into_an_unknown_owner_or_another_epoch_touches_nothing()
    {
        var owner = NewOwner();
        owner.Create("projects", Text("name", "Apollo"));
        var first = owner.Commit();
        owner.Create("projects", Text("name", "Gemini"));
        var second = owner.Commit();
        Assert.Equal([CommitOutcome.FenceLost], await Store.CommitAsync([second], Never));
        Assert.Null(await Store.LoadOwnerAsync(owner.Owner, Never));

        await Store.CommitAsync([first], Never);
        var elsewhere = second with { Head = second.Head with { Epoch = second.Head.Epoch + 1 } };
        Assert.Equal([CommitOutcome.FenceLost], await Store.CommitAsync([elsewhere], Never));
        Assert.Equal([CommitOutcome.Committed], await Store.CommitAsync([second], Never));
    }

    [Fact]
    public async Task A_lost_fence_does_not_hold_up_the_other_owners_of_the_batch()
    {
        var (ada, eve) = (NewOwner(), NewOwner());
        ada.Create("projects", Text("name", "Apollo"));
        eve.Create("projects", Text("name", "Gemini"));
        var again = ada.Commit();
        await Store.CommitAsync([again], Never);
        Assert.Equal(
            [CommitOutcome.FenceLost, CommitOutcome.Committed],
            await Store.CommitAsync([again, eve.Commit()], Never)
        );
        await AssertHoldsAsync(Store, eve);
    }

    [Fact]
    public async Task P1_Racing_writers_give_every_version_once()
    {
        var owner = Guid.NewGuid();
        var wins = await Task.WhenAll(
            Enumerable.Range(0, Writers).Select(writer => WriteAsync(owner, writer, rounds: 15))
        );
        Assert.All(wins, won => Assert.Equal(15, won));

        var head = (await Store.LoadOwnerAsync(new OwnerId(owner), Never))!.Head;
        Assert.Equal(15 * Writers, head.Version);
        Assert.Equal(15 * Writers, head.CommitNo);
        var device = new ReplayedDevice(Cursor.Start(0));
        await device.FollowAsync(Store, new OwnerId(owner));
        Assert.Equal(15 * Writers, device.LiveRows);
    }

    [Fact]
    public async Task P2_A_reader_beside_writers_never_sees_a_gap()
    {
        var owner = Guid.NewGuid();
        await WriteAsync(owner, writer: 99, rounds: 1);
        var head = (await Store.LoadOwnerAsync(new OwnerId(owner), Never))!.Head;
        var writing = Task.WhenAll(
            Enumerable.Range(0, Writers).Select(writer => WriteAsync(owner, writer, rounds: 15))
        );

        // Starts behind the first entry, so that it reads the log; it refuses a page with a gap.
        var reader = await Bench.OpenAsync();
        var device = new ReplayedDevice(Cursor.Start(0));
        await device.FollowAsync(reader, new OwnerId(owner));
        while (!writing.IsCompleted)
            await device.FollowAsync(reader, new OwnerId(owner));
        await writing;
        await device.FollowAsync(reader, new OwnerId(owner));
        Assert.Equal(head.Version + (15 * Writers), device.Cursor.Version);
        Assert.Equal(15 * Writers + 1, device.LiveRows);
    }

    /// <summary>A process of its own that adds rows, and starts anew whenever another was first.</summary>
    private async Task<int> WriteAsync(Guid owner, int writer, int rounds)
    {
        var store = await Bench.OpenAsync();
        var won = 0;
        while (won < rounds)
        {
            var record = await store.LoadOwnerAsync(new OwnerId(owner), Never);
            var commit = OneMoreRow.After(new OwnerId(owner), record?.Head, $"{writer}/{won}");
            if ((await store.CommitAsync([commit], Never))[0] == CommitOutcome.Committed)
                won++;
        }
        return won;
    }
}
