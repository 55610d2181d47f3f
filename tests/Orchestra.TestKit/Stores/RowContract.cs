using Orchestra.Sync;
using Orchestra.Sync.Store;
using Xunit;

namespace Orchestra.TestKit.Stores;

/// <summary>What a decision is given: rows as they were written, their dependants, their past.</summary>
public abstract class RowContract(IStoreBench bench) : StoreContract(bench)
{
    public static TheoryData<string, FieldValue> Values =>
        new()
        {
            { "label", FieldValue.Text("") },
            { "label", FieldValue.Text("ÄÖ \" \\ \u0001 \u2028 日本語 🎼") },
            { "mark", FieldValue.Text("0196b6c0-0000-7000-8000-0000000000ff") },
            { "amount", FieldValue.Integer(Limits.MaxInteger) },
            { "amount", FieldValue.Integer(-Limits.MaxInteger) },
            { "ratio", FieldValue.Real(5) },
            { "ratio", FieldValue.Real(0.1) },
            { "ratio", FieldValue.Real(double.MaxValue) },
            { "ratio", FieldValue.Real(double.Epsilon) },
            { "is_set", FieldValue.Boolean(true) },
            { "is_set", FieldValue.Boolean(false) },
            { "moment", FieldValue.Text("2026-02-28T23:59:59.999999Z") },
            { "extra", FieldValue.Json("""{"a":[1,2.5,null,true,"x"],"é":{}}""") },
            { "extra", FieldValue.Json("[]") },
            { "extra", FieldValue.Json("\"dark\"") },
            { "extra", FieldValue.Json("7") },
        };

    [Theory]
    [MemberData(nameof(Values), DisableDiscoveryEnumeration = true)]
    public async Task Every_kind_of_value_comes_back_as_it_was(string field, FieldValue value)
    {
        var owner = NewOwner();
        var row = owner.Create("specimens", (field, value));
        await CommitAsync(owner);
        owner.Update(row, (field, FieldValue.Null));
        owner.Update(row, (field, value));
        await CommitAsync(owner);

        Assert.Equal(value, (await LoadRowAsync(owner.Owner, row))![field]);
        var cursor = new Cursor(owner.Head.Epoch, 1, null, null);
        foreach (var since in new[] { Cursor.Start(0), cursor })
        {
            var query = new ReadQuery(owner.Owner, since, 10, 10_000, null);
            var page = (await Store.ReadAsync(query, Never)).Page!;
            Assert.Equal(value, Assert.Single(page.Entries).Fields[field]);
        }
    }

    [Fact]
    public async Task Rows_that_do_not_exist_are_left_out()
    {
        var owner = NewOwner();
        owner.Create("specimens");
        await CommitAsync(owner);
        Assert.Null(await LoadRowAsync(owner.Owner, new("specimens", Guid.NewGuid())));
        Assert.Null(await LoadRowAsync(NewOwner().Owner, owner.Rows.Keys.Single()));
    }

    [Fact]
    public async Task Each_query_is_answered_for_its_own_owner()
    {
        var owners = new[] { NewOwner(), NewOwner() };
        foreach (var owner in owners)
        {
            owner.Create("specimens");
            await CommitAsync(owner);
        }
        var sets = await Store.LoadRowsAsync([.. owners.Select(Everything)], Never);
        Assert.Equal(
            owners.Select(owner => owner.Rows.Keys.Single()),
            sets.Select(set => Assert.Single(set.Rows).Key)
        );

        static RowQuery Everything(OwnerHistory owner) =>
            new(owner.Owner, [.. owner.Rows.Keys.Select(key => new RowNeed(key, null, false))]);
    }

    [Fact]
    public async Task A_live_row_comes_with_the_live_rows_that_hang_on_it()
    {
        var owner = NewOwner();
        var root = owner.Create("projects", Text("name", "root"));
        var file = CreateFile(owner, root, "a.cs");
        var gone = CreateFile(owner, root, "b.cs");
        var talk = owner.Create("conversations", Reference("project_id", root), Text("title", "t"));
        var message = owner.Create(
            "messages",
            Reference("conversation_id", talk),
            Text("role", "user"),
            Text("body", "…")
        );
        CreateFile(owner, owner.Create("projects", Text("name", "other")), "c.cs");
        owner.Delete(gone);
        await CommitAsync(owner);
        Assert.Equal(
            new[] { root, file, talk, message }.ToHashSet(),
            await LoadAroundAsync(owner, root, withDescendants: true)
        );
    }

    [Fact]
    public async Task A_deleted_row_comes_with_what_may_return_with_it_and_what_that_needs()
    {
        var owner = NewOwner();
        var project = owner.Create("projects", Text("name", "needed"));
        var root = owner.Create("specimens");
        var child = owner.Create("specimens", Reference("parent_id", root));
        var grandchild = owner.Create("specimens", Reference("parent_id", child));
        var earlier = owner.Create("specimens", Reference("parent_id", root));
        var below = owner.Create("specimens", Reference("parent_id", earlier));
        var file = CreateFile(owner, project, "a.cs");
        owner.Delete(file);
        owner.Delete(earlier, below);
        owner.Delete(root, child, grandchild);
        await CommitAsync(owner);

        await AssertBringsAsync(root, root, child, grandchild);
        await AssertBringsAsync(earlier, earlier, below, root);
        await AssertBringsAsync(child, child, grandchild, root);
        await AssertBringsAsync(file, file, project);

        async Task AssertBringsAsync(RowKey asked, params RowKey[] expected)
        {
            foreach (var withDescendants in new[] { true, false })
                Assert.Equal(
                    expected.ToHashSet(),
                    await LoadAroundAsync(owner, asked, withDescendants)
                );
        }
    }

    [Fact]
    public async Task A_live_row_whose_descendants_are_not_asked_for_comes_alone()
    {
        var owner = NewOwner();
        var root = owner.Create("specimens");
        owner.Create("specimens", Reference("parent_id", root));
        await CommitAsync(owner);
        Assert.Equal([root], await LoadAroundAsync(owner, root, withDescendants: false));
    }

    [Fact]
    public async Task Rows_that_refer_to_each_other_in_a_circle_are_found_once()
    {
        var owner = NewOwner();
        var first = owner.Create("specimens");
        var second = owner.Create("specimens", Reference("parent_id", first));
        owner.Update(first, Reference("parent_id", second));
        await CommitAsync(owner);
        Assert.Equal(
            new[] { first, second }.ToHashSet(),
            await LoadAroundAsync(owner, first, withDescendants: true)
        );
    }

    [Fact]
    public async Task The_past_begins_at_the_base_or_where_the_log_begins()
    {
        var owner = NewOwner();
        var row = owner.Create("specimens", Text("label", "1"));
        var other = owner.Create("specimens", Text("label", "2"));
        owner.Update(row, Text("label", "3"));
        owner.Update(other, Text("label", "4"));
        owner.Update(row, ("amount", FieldValue.Integer(5)));
        await CommitAsync(owner);

        Assert.Equal([3, 5], await LoadPastAsync(owner, row, known: 3));
        Assert.Equal([1, 3, 5], await LoadPastAsync(owner, row, known: 0));
        Assert.Equal([1, 3, 5], await LoadPastAsync(owner, row, known: 4));
        Assert.Empty(await LoadPastAsync(owner, row, known: 5));
        Assert.Empty(await LoadPastAsync(owner, row, known: null));
    }

    [Fact]
    public async Task A_past_write_says_who_wrote_when_and_what_it_won()
    {
        var owner = NewOwner();
        var row = owner.Create("specimens", Text("label", "1"), ("ratio", FieldValue.Real(2)));
        owner.Delete(row);
        owner.Revive(row);
        await CommitAsync(owner);
        var need = new RowNeed(row, 0, false);
        var sets = await Store.LoadRowsAsync([new RowQuery(owner.Owner, [need])], Never);
        var writes = sets[0].Writes;
        Assert.Equal([LogOp.Put, LogOp.Delete, LogOp.Revive], writes.Select(write => write.Op));
        Assert.Equal(["label", "ratio"], writes[0].Won.Order());
        Assert.Empty(writes[1].Won);
        Assert.Empty(writes[2].Won);
        Assert.Equal(owner.Rows[row].Stamp, writes[2].Stamp);
        Assert.Equal(owner.Rows[row].Stamp.EditedAt, writes[2].RowEditedAt);
        Assert.Equal(owner.Cursor.LastChange, writes[2].Change);
    }

    private async Task<HashSet<RowKey>> LoadAroundAsync(
        OwnerHistory owner,
        RowKey row,
        bool withDescendants
    )
    {
        var need = new RowNeed(row, null, withDescendants);
        var sets = await Store.LoadRowsAsync([new RowQuery(owner.Owner, [need])], Never);
        Assert.All(
            sets[0].Rows,
            found => Assert.Equal(Describe(owner.Rows[found.Key]), Describe(found))
        );
        return [.. sets[0].Rows.Select(found => found.Key)];
    }

    private async Task<IEnumerable<long>> LoadPastAsync(OwnerHistory owner, RowKey row, long? known)
    {
        var need = new RowNeed(row, known, WithDescendants: false);
        var sets = await Store.LoadRowsAsync([new RowQuery(owner.Owner, [need])], Never);
        Assert.All(sets[0].Writes, write => Assert.Equal(row, write.Row));
        return sets[0].Writes.Select(write => write.Version);
    }
}
