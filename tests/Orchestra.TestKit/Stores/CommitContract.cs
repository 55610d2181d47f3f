using Orchestra.Sync;
using Orchestra.Sync.Store;
using Xunit;

namespace Orchestra.TestKit.Stores;

/// <summary>Everything of a commit is there, or nothing is; bad data harms its owner alone.</summary>
public abstract class CommitContract(IStoreBench bench) : StoreContract(bench)
{
    [Fact]
    public async Task P5_Row_log_head_cursor_and_digest_are_there_together()
    {
        var owner = NewOwner();
        var project = owner.Create("projects", Text("name", "Apollo"));
        CreateFile(owner, project, "src/a.cs");
        await CommitAsync(owner);
        owner.Update(project, Text("name", "Gemini"), Text("color", "red"));
        owner.Update(project, ("color", FieldValue.Null));
        await CommitAsync(owner);

        await AssertHoldsAsync(Store, owner);
        var record = await Store.LoadOwnerAsync(owner.Owner, Never);
        var cursor = Assert.Single(record!.Cursors);
        Assert.Equal(owner.Cursor with { Recent = [] }, cursor with { Recent = [] });
        Assert.Equal(owner.Cursor.Recent, cursor.Recent);
    }

    [Fact]
    public async Task P3_Another_process_finds_every_commit_though_nothing_was_closed()
    {
        var owner = NewOwner();
        for (var i = 0; i < 20; i++)
        {
            owner.Create("notes", Text("title", $"{i}"), Text("body", "…"), Pinned);
            await CommitAsync(owner);
        }
        await AssertHoldsAsync(await Bench.OpenAsync(), owner);
    }

    [Fact]
    public async Task An_update_writes_the_changed_fields_and_no_other()
    {
        var owner = NewOwner();
        var project = owner.Create("projects", Text("name", "Apollo"), Text("color", "red"));
        await CommitAsync(owner);
        owner.Update(project, Text("color", "blue"), Text("name", "Gemini"));
        var commit = owner.Commit();
        var write = commit.Rows[0] with { ChangedFields = ["color"] };
        await Store.CommitAsync([commit with { Rows = [write] }], Never);

        var row = await LoadRowAsync(owner.Owner, project);
        Assert.Equal("Apollo", row!["name"].AsText());
        Assert.Equal("blue", row["color"].AsText());
    }

    [Fact]
    public async Task P19_One_owners_bad_data_is_refused_and_the_others_commit()
    {
        var owners = Enumerable.Range(0, 9).Select(_ => NewOwner()).ToList();
        foreach (var owner in owners)
            owner.Create("specimens", ("amount", FieldValue.Integer(owner == owners[6] ? 13 : 7)));
        var outcomes = await Store.CommitAsync([.. owners.Select(o => o.Commit())], Never);

        for (var i = 0; i < owners.Count; i++)
            Assert.Equal(i == 6 ? CommitOutcome.Refused : CommitOutcome.Committed, outcomes[i]);
        Assert.Null(await Store.LoadOwnerAsync(owners[6].Owner, Never));
        foreach (var owner in owners.Where((_, i) => i != 6))
            await AssertHoldsAsync(Store, owner);
    }

    [Fact]
    public async Task P19_A_reference_to_nothing_is_refused_and_the_others_commit()
    {
        var owners = Enumerable.Range(0, 5).Select(_ => NewOwner()).ToList();
        foreach (var owner in owners)
        {
            var project = owner.Create("projects", Text("name", "Apollo"));
            var isBad = owner == owners[2];
            CreateFile(owner, isBad ? new("projects", Guid.NewGuid()) : project, "a.cs");
        }
        var outcomes = await Store.CommitAsync([.. owners.Select(o => o.Commit())], Never);

        Assert.Equal(CommitOutcome.Refused, outcomes[2]);
        Assert.Equal(4, outcomes.Count(outcome => outcome == CommitOutcome.Committed));
        Assert.Null(await Store.LoadOwnerAsync(owners[2].Owner, Never));
    }

    [Fact]
    public async Task P14_A_row_cannot_refer_to_another_owners()
    {
        var (ada, eve) = (NewOwner(), NewOwner());
        var project = ada.Create("projects", Text("name", "Apollo"));
        await CommitAsync(ada);
        CreateFile(eve, project, "a.cs");
        Assert.Equal([CommitOutcome.Refused], await Store.CommitAsync([eve.Commit()], Never));
    }

    [Fact]
    public async Task P14_The_same_id_under_two_owners_is_two_rows()
    {
        var (ada, eve) = (NewOwner(), NewOwner());
        var project = ada.Create("projects", Text("name", "Apollo"));
        eve.Create(project, Text("name", "Stolen"));
        await CommitAsync(ada);
        await CommitAsync(eve);
        await AssertHoldsAsync(Store, ada);
        await AssertHoldsAsync(Store, eve);
    }

    [Fact]
    public async Task A_child_may_be_written_before_its_parent_in_the_same_commit()
    {
        var owner = NewOwner();
        var project = new RowKey("projects", Guid.NewGuid());
        CreateFile(owner, project, "a.cs");
        owner.Create(project, Text("name", "Apollo"));
        await CommitAsync(owner);
        await AssertHoldsAsync(Store, owner);
    }

    [Fact]
    public async Task What_contradicts_the_store_is_refused_whole()
    {
        var owner = NewOwner();
        var project = owner.Create("projects", Text("name", "Apollo"));
        await CommitAsync(owner);
        var before = owner.Head;

        owner.Update(project, Text("name", "Gemini"));
        var good = owner.Commit();
        var asNew = good with { Rows = [good.Rows[0] with { IsNew = true }] };
        var stranger = good.Rows[0].After with { Key = new("projects", Guid.NewGuid()) };
        var ofNobody = good with { Rows = [good.Rows[0] with { After = stranger }] };
        var withGap = good with { Head = good.Head with { Version = good.Head.Version + 1 } };
        foreach (var bad in new[] { asNew, ofNobody, withGap })
            Assert.Equal([CommitOutcome.Refused], await Store.CommitAsync([bad], Never));

        Assert.Equal(before, (await Store.LoadOwnerAsync(owner.Owner, Never))!.Head);
        Assert.Equal([CommitOutcome.Committed], await Store.CommitAsync([good], Never));
        await AssertHoldsAsync(Store, owner);
    }

    [Fact]
    public async Task An_owner_can_commit_twice_in_one_batch()
    {
        var owner = NewOwner();
        owner.Create("projects", Text("name", "Apollo"));
        var first = owner.Commit();
        owner.Create("projects", Text("name", "Gemini"));
        var outcomes = await Store.CommitAsync([first, owner.Commit()], Never);
        Assert.Equal([CommitOutcome.Committed, CommitOutcome.Committed], outcomes);
        await AssertHoldsAsync(Store, owner);
    }

    [Fact]
    public async Task A_commit_without_changes_only_moves_the_fence()
    {
        var owner = NewOwner();
        await CommitAsync(owner);
        owner.Lose("projects", "no-uuid", ConflictVerdict.Rejected, "only this");
        await CommitAsync(owner);
        await AssertHoldsAsync(Store, owner);
        Assert.Equal(2, (await Store.LoadOwnerAsync(owner.Owner, Never))!.Head.CommitNo);
    }

    private static (string, FieldValue) Pinned => ("is_pinned", FieldValue.Boolean(true));
}
