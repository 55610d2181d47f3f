using Npgsql;
using Orchestra.Sync;
using Orchestra.Sync.Store;
using Orchestra.TestKit.Stores;

namespace Orchestra.Tests.Postgres;

/// <summary>Deleted rows are forgotten in the end, and no device brings one back by not knowing.</summary>
public sealed class TombstoneTests : IAsyncLifetime
{
    private readonly OwnerHistory owner = OldHistories.NewOwner();
    private OldHistories old = null!;

    public async Task InitializeAsync() => old = await OldHistories.CreateAsync();

    public Task DisposeAsync() => old.DisposeAsync().AsTask();

    [Fact]
    public async Task Old_ones_go_with_their_children_and_the_horizon_says_so()
    {
        var project = Project("Apollo");
        var conversation = owner.Create(
            "conversations",
            Reference("project_id", project),
            ("title", FieldValue.Text("talk"))
        );
        var message = owner.Create(
            "messages",
            Reference("conversation_id", conversation),
            ("role", FieldValue.Text("user")),
            ("body", FieldValue.Text("hello"))
        );
        var kept = Project("Gemini");
        await old.CommitAsync(owner);
        owner.Delete(project, conversation, message);
        await old.CommitAsync(owner);
        owner.Update(kept, ("name", FieldValue.Text("Gemini 2")));
        await old.CommitAsync(owner);

        var report = await old.MaintainAsync(new Retention(13, 10, 1));

        Assert.Equal((3L, 0), (report!.TombstonesCollected, report.OwnersHeld));
        var head = await old.HeadAsync(owner);
        Assert.Equal((7L, owner.Head.CommitNo + 1), (head.TombstoneHorizon, head.CommitNo));
        Assert.Equal(1L, await old.Database.RunAsync("select count(*) from orchestra.projects"));
        Assert.Equal(0L, await old.Database.RunAsync("select count(*) from orchestra.messages"));
        Assert.Empty((await old.VerifyAsync()).Findings);
        Assert.Equal(ResetReason.TombstonesCollected, (await ReadAsync(head, 6)).Reset!.Reason);
        Assert.NotNull((await ReadAsync(head, 7)).Page);
    }

    [Fact]
    public async Task Young_ones_and_live_rows_stay_and_nobodys_head_is_touched()
    {
        var project = Project("Apollo");
        await old.CommitAsync(owner);
        owner.Delete(project);
        await old.CommitAsync(owner);

        var report = await old.MaintainAsync(new Retention(13, 400, 1));

        Assert.Equal(0, report!.TombstonesCollected);
        Assert.Equal(owner.Head, await old.HeadAsync(owner));
    }

    [Fact]
    public async Task What_a_younger_tombstone_refers_to_waits_for_it()
    {
        var parent = owner.Create("specimens");
        var child = owner.Create("specimens", Reference("parent_id", parent));
        var grandchild = owner.Create("specimens", Reference("parent_id", child));
        await old.CommitAsync(owner);
        owner.Delete(parent);
        await old.CommitAsync(owner);
        owner.Delete(child);
        await old.CommitAsync(owner);
        owner.Pass(OldHistories.July - OldHistories.January - TimeSpan.FromDays(1));
        owner.Delete(grandchild);
        await old.CommitAsync(owner);

        Assert.Equal(0, (await old.MaintainAsync(new Retention(13, 10, 1)))!.TombstonesCollected);
        Assert.Equal(owner.Head, await old.HeadAsync(owner));
        var later = await old.MaintainAsync(
            new Retention(13, 10, 1),
            now: OldHistories.July.AddDays(20)
        );
        Assert.Equal(3, later!.TombstonesCollected);
        Assert.Equal(6, (await old.HeadAsync(owner)).TombstoneHorizon);
        Assert.Empty((await old.VerifyAsync()).Findings);
    }

    [Fact]
    public async Task Many_go_in_several_transactions()
    {
        const int Count = 12_000;
        var rows = Enumerable.Range(0, Count).Select(i => Project($"{i}")).ToList();
        await old.CommitAsync(owner);
        foreach (var row in rows)
            owner.Delete(row);
        await old.CommitAsync(owner);

        Assert.Equal(
            Count,
            (await old.MaintainAsync(new Retention(13, 10, 1)))!.TombstonesCollected
        );
        var head = await old.HeadAsync(owner);
        Assert.Equal(2L * Count, head.TombstoneHorizon);
        Assert.InRange(head.CommitNo - owner.Head.CommitNo, 3, 4);
    }

    [Fact]
    public async Task Who_is_held_is_left_for_the_next_run_and_delays_nobody()
    {
        var other = OldHistories.NewOwner();
        var row = Project("Apollo");
        var others = other.Create("projects", ("name", FieldValue.Text("Vostok")));
        await old.CommitAsync(owner);
        await old.CommitAsync(other);
        owner.Delete(row);
        other.Delete(others);
        await old.CommitAsync(owner);
        await old.CommitAsync(other);

        await using (var holder = await old.Database.EnterAsync())
        {
            await using var hold = new NpgsqlCommand(
                $"begin; select from orchestra.sync_head where owner_id = '{owner.Owner}' for update",
                holder
            );
            await hold.ExecuteNonQueryAsync();
            var report = await old.MaintainAsync(new Retention(13, 10, 1));
            Assert.Equal((1L, 1), (report!.TombstonesCollected, report.OwnersHeld));
        }
        Assert.Equal(1, (await old.MaintainAsync(new Retention(13, 10, 1)))!.TombstonesCollected);
    }

    private RowKey Project(string name) =>
        owner.Create("projects", ("name", FieldValue.Text(name)));

    private static (string, FieldValue) Reference(string field, RowKey row) =>
        (field, FieldValue.Text(row.Id.ToString("D")));

    private Task<ReadOutcome> ReadAsync(OwnerHead head, long version) =>
        old.Store.ReadAsync(
            new ReadQuery(
                owner.Owner,
                new Cursor(head.Epoch, version, null, null),
                10,
                10_000,
                null
            ),
            CancellationToken.None
        );
}
