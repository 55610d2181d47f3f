using Orchestra.Sync;
using Orchestra.Sync.Errors;
using Orchestra.Sync.Search;
using Xunit;

namespace Orchestra.TestKit.Stores;

/// <summary>Search by words: what is found, in which pieces, and what never is.</summary>
public abstract class SearchContract(IStoreBench bench) : StoreContract(bench)
{
    [Theory]
    [MemberData(nameof(SearchCorpus.Searches), MemberType = typeof(SearchCorpus))]
    public async Task What_is_typed_finds(string words, string[] titles)
    {
        var owner = await CorpusAsync();
        var page = await FindAsync(owner, words);
        Assert.Equal(
            titles.Order(StringComparer.Ordinal),
            page.Rows.Select(row => TitleOf(owner, row)).Order(StringComparer.Ordinal)
        );
        Assert.Null(page.Next);
    }

    [Fact]
    public async Task Words_are_looked_for_in_each_searched_field_of_each_type()
    {
        var owner = NewOwner();
        var project = owner.Create("projects", Text("name", "milk"));
        var file = CreateFile(owner, project, "src/Milk-bar/main.c");
        var note = Note(owner, "milk", "");
        await CommitAsync(owner);
        Assert.Equal(Keys(file, note), Keys(await FindAsync(owner, "milk")));
        Assert.Equal(Keys(file), Keys(await FindAsync(owner, "src/milk")));
        Assert.Equal(Keys(note), Keys(await FindAsync(owner, "milk", "notes", "projects")));
        Assert.Empty((await FindAsync(owner, "milk", "projects")).Rows);
    }

    [Fact]
    public async Task A_phrase_does_not_go_on_in_the_next_field()
    {
        var owner = NewOwner();
        Note(owner, "one two", "three four");
        await CommitAsync(owner);
        Assert.Empty((await FindAsync(owner, "\"two three\"")).Rows);
        Assert.Single((await FindAsync(owner, "two three")).Rows);
    }

    [Fact]
    public async Task A_row_is_found_as_it_is_now_and_not_while_it_is_deleted()
    {
        var owner = NewOwner();
        var note = Note(owner, "milk", "");
        await CommitAsync(owner);
        owner.Update(note, Text("title", "bread"));
        await CommitAsync(owner);
        Assert.Empty((await FindAsync(owner, "milk")).Rows);
        Assert.Equal(Keys(note), Keys(await FindAsync(owner, "bread")));
        owner.Update(note, ("is_pinned", FieldValue.Boolean(true)));
        await CommitAsync(owner);
        Assert.Equal(Keys(note), Keys(await FindAsync(owner, "bread")));
        owner.Delete(note);
        await CommitAsync(owner);
        Assert.Empty((await FindAsync(owner, "bread")).Rows);
        owner.Revive(note);
        await CommitAsync(owner);
        Assert.Equal(Keys(note), Keys(await FindAsync(owner, "bread")));
    }

    /// <summary>P14: neither in hits nor in how one's own are ranked.</summary>
    [Fact]
    public async Task P14_What_others_write_does_not_show()
    {
        var (owner, other) = (NewOwner(), NewOwner());
        Note(owner, "milk", "rare and common");
        Note(owner, "bread", "common");
        await CommitAsync(owner);
        var before = await FindAsync(owner, "common rare or common");
        foreach (var i in Enumerable.Range(0, 20))
            Note(other, $"{owner.Owner}", $"common {owner.Owner.Value:N} {i}");
        await CommitAsync(other);
        var after = await FindAsync(owner, "common rare or common");
        Assert.Equal(before.Rows.Select(row => row.Place), after.Rows.Select(row => row.Place));
        Assert.Empty((await FindAsync(owner, $"{owner.Owner.Value:N}")).Rows);
        Assert.Empty((await FindAsync(owner, $"{owner.Owner}")).Rows);
        Assert.Empty((await FindAsync(NewOwner(), "common")).Rows);
    }

    [Fact]
    public async Task Pages_meet_best_first_and_those_alike_by_id()
    {
        var owner = NewOwner();
        var project = owner.Create("projects", Text("name", "milk"));
        foreach (var i in Enumerable.Range(0, 13))
        {
            Note(owner, "milk", i % 4 == 0 ? "milk milk" : "bread");
            CreateFile(owner, project, $"{i}/milk");
        }
        await CommitAsync(owner);
        var all = (await FindAsync(owner, "milk")).Rows.Select(row => row.Place).ToList();
        Assert.Equal(26, all.Count);
        Assert.Equal(all.Order(SearchPosition.BestFirst), all);
        Assert.True(all[0].Rank > all[^1].Rank);
        foreach (var limit in new[] { 1, 2, 5, 25, 26, 27 })
        {
            var found = new List<SearchPosition>();
            SearchPosition? after = null;
            do
            {
                var page = await Store.SearchAsync(
                    owner.Owner,
                    new("milk", null, after, limit),
                    Never
                );
                Assert.InRange(page.Rows.Count, page.Next is null ? 0 : limit, limit);
                found.AddRange(page.Rows.Select(row => row.Place));
                after = page.Next is { } next ? SearchPosition.TryParse($"{next}") : null;
                Assert.Equal(page.Next, after);
            } while (after is not null);
            Assert.Equal(all, found);
        }
    }

    [Fact]
    public async Task The_snippet_shows_what_was_found()
    {
        var owner = NewOwner();
        Note(
            owner,
            "Long",
            $"{new string('x', 500)} before\n\tthe Milk of 🚀 {new string('y', 500)}"
        );
        await CommitAsync(owner);
        var snippet = Assert.Single((await FindAsync(owner, "milk")).Rows).Snippet;
        Assert.Equal("body", snippet.Field);
        Assert.StartsWith("…before  the Milk of 🚀 yyy", snippet.Text.Replace("x", ""));
        var mark = Assert.Single(snippet.Highlights);
        Assert.Equal("Milk", snippet.Text.Substring(mark.Start, mark.Length));
        Assert.InRange(snippet.Text.Length, 1, 162);
    }

    [Fact]
    public async Task Of_a_long_text_the_same_part_is_looked_into()
    {
        var owner = NewOwner();
        Note(owner, "long", string.Concat(Enumerable.Repeat("ab ", 10_922)) + "in out");
        await CommitAsync(owner);
        Assert.Single((await FindAsync(owner, "in")).Rows);
        // The 32,768 characters end in the middle of it.
        Assert.Empty((await FindAsync(owner, "out")).Rows);
    }

    [Fact]
    public async Task The_longest_query_is_answered_and_a_longer_one_refused()
    {
        var owner = await CorpusAsync();
        foreach (var words in SearchCorpus.Longest)
            Assert.Empty((await FindAsync(owner, words, "files")).Rows);
        var refusal = await Assert.ThrowsAsync<SyncException>(() =>
            FindAsync(owner, new string('a', 1_001))
        );
        Assert.Equal((ErrorCode.Malformed, "q"), (refusal.Code, refusal.Field));
    }

    private async Task<OwnerHistory> CorpusAsync()
    {
        var owner = NewOwner();
        foreach (var (title, body) in SearchCorpus.Notes)
            Note(owner, title, body);
        await CommitAsync(owner);
        return owner;
    }

    private static RowKey Note(OwnerHistory owner, string title, string body) =>
        owner.Create(
            "notes",
            Text("title", title),
            Text("body", body),
            ("is_pinned", FieldValue.Boolean(false))
        );

    private Task<FoundPage> FindAsync(OwnerHistory owner, string words, params string[] types) =>
        Store.SearchAsync(
            owner.Owner,
            new(words, types.Length == 0 ? null : types, null, 100),
            Never
        );

    private static string TitleOf(OwnerHistory owner, FoundRow row) =>
        owner.Rows[new(row.Place.Entity, row.Place.Id)]["title"].AsText();

    private static IEnumerable<RowKey> Keys(params RowKey[] keys) => keys.OrderBy(key => $"{key}");

    private static IEnumerable<RowKey> Keys(FoundPage page) =>
        Keys([.. page.Rows.Select(row => new RowKey(row.Place.Entity, row.Place.Id))]);
}
