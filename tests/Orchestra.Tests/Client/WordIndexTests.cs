using Orchestra.Client.Rows;
using Orchestra.Sync;
using Orchestra.Sync.Catalog;
using Orchestra.Sync.Search;
using Orchestra.Sync.Wire;
using Orchestra.TestKit.Stores;
using Xunit;

namespace Orchestra.Tests.Client;

/// <summary>What the index by words has to notice when rows come, change and leave.</summary>
public sealed class WordIndexTests : IAsyncLifetime
{
    private static readonly EntityType Notes = new(
        "notes",
        [
            Frames.Field("title", FieldType.Text) with
            {
                IsSearched = true,
            },
            Frames.Field("body", FieldType.Text) with
            {
                IsSearched = true,
            },
        ],
        serverOwned: false
    );

    private LocalDevice device = null!;

    public async Task InitializeAsync() =>
        device = await LocalDevice.CreateAsync(new EntityCatalog([Notes]));

    public Task DisposeAsync() => device.DisposeAsync().AsTask();

    [Fact]
    public async Task A_row_at_the_place_of_one_that_has_left_is_found()
    {
        await WriteAsync(1, 1, "milk");
        Assert.Equal([1], await FindAsync("milk"));

        await device.WriteAsync(local => local.Tables["notes"].Clear());
        await WriteAsync(2, 2, "bread");

        Assert.Empty(await FindAsync("milk"));
        Assert.Equal([2], await FindAsync("bread"));
    }

    [Fact]
    public async Task So_is_one_whose_place_was_left_before_rows_that_nobody_had_looked_for()
    {
        await WriteAsync(1, 1, "milk");
        await WriteAsync(2, 2, "milk");
        Assert.Equal([1, 2], await FindAsync("milk"));

        await WriteAsync(3, 3, "milk");
        await DeleteAsync(2);
        await DeleteAsync(3);
        await WriteAsync(4, 4, "milk");

        Assert.Equal([1, 4], await FindAsync("milk"));
    }

    [Fact]
    public async Task A_row_that_changes_before_anyone_looks_is_found_as_it_is_then()
    {
        await WriteAsync(1, 1, "milk");
        await WriteAsync(1, 2, "bread");

        Assert.Empty(await FindAsync("milk"));
        Assert.Equal([1], await FindAsync("bread"));

        await WriteAsync(1, 3, "milk");
        Assert.Equal([1], await FindAsync("milk"));
        Assert.Empty(await FindAsync("bread"));
    }

    [Fact]
    public async Task More_rows_than_are_indexed_at_once_are_all_found()
    {
        await device.WriteAsync(local =>
        {
            for (var row = 1; row <= 1_234; row++)
                local.Tables["notes"].Write(Note(row, row, "milk"), isWhole: true);
        });

        Assert.Equal(Enumerable.Range(1, 1_234), await FindAsync("milk"));
    }

    /// <summary>The same as the server does.</summary>
    [Theory]
    [MemberData(nameof(SearchCorpus.Searches), MemberType = typeof(SearchCorpus))]
    public async Task What_is_typed_finds(string words, string[] titles)
    {
        foreach (var (i, (title, body)) in SearchCorpus.Notes.Index())
            await WriteAsync(i + 1, i + 1, title, body);
        Assert.Equal(
            titles.Order(StringComparer.Ordinal),
            (await FindAsync(words))
                .Select(row => SearchCorpus.Notes[row - 1].Title)
                .Order(StringComparer.Ordinal)
        );
    }

    [Fact]
    public async Task A_phrase_does_not_go_on_in_the_next_field()
    {
        await WriteAsync(1, 1, "one two", "three four");
        Assert.Empty(await FindAsync("\"two three\""));
        Assert.Equal([1], await FindAsync("two three"));
    }

    [Fact]
    public async Task The_longest_query_is_answered()
    {
        await WriteAsync(1, 1, "milk");
        foreach (var words in SearchCorpus.Longest)
            Assert.Empty(await FindAsync(words));
    }

    private Task WriteAsync(int row, long version, string title, string body = "") =>
        device.WriteAsync(local =>
            local.Tables["notes"].Write(Note(version, row, title, body), isWhole: true)
        );

    private static WireEntry Note(long version, int row, string title, string body = "") =>
        Frames.Put(
            version,
            row,
            new() { ["title"] = FieldValue.Text(title), ["body"] = FieldValue.Text(body) },
            "notes"
        );

    private Task DeleteAsync(int row) =>
        device.WriteAsync(local =>
            local.Sql.Execute("delete from base_notes where id = $1", Frames.Id(row).ToString())
        );

    private async Task<IEnumerable<int>> FindAsync(string words)
    {
        while (await device.Database.WriteAsync(WordIndex.CatchUp, CancellationToken.None)) { }
        var hits = await device.ReadAsync(local =>
            WordIndex.Find(local.Sql, Notes, WordQuery.Parse(words), 10_000)
        );
        return hits.Select(hit => Convert.ToInt32(hit.Id.ToString()[^12..], 16)).Order();
    }
}
