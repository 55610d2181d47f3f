using System.Net;
using Orchestra.Sync;
using Orchestra.Sync.Wire;
using Orchestra.TestKit.Silos;

namespace Orchestra.Tests.Protocol;

/// <summary>Search by words over HTTP, as docs/search.md has it.</summary>
[Collection(nameof(SharedServer))]
public sealed class SearchTests(SharedServer shared)
{
    private readonly OwnerId owner = SharedServer.NewOwner();

    [Fact]
    public async Task What_was_pushed_is_found_in_pages_with_the_words_marked()
    {
        await using var device = await RawDevice.ConnectAsync(shared.Server, owner);
        var notes = Enumerable.Range(0, 5).Select(_ => Guid.NewGuid()).ToList();
        await device.PushAsync([
            .. notes.Select(id => Edits.Note(id, "Milk, bread & a <b>moon</b> rocket 🚀")),
            Edits.Note(Guid.NewGuid(), "bread"),
        ]);
        var found = new List<WireFoundRow>();
        var cursor = "";
        do
        {
            var answer = await GetAsync($"q=bread+%22MOON%22&types=notes&limit=2&cursor={cursor}");
            var page = WireCodec.ReadFound(answer.Utf8);
            Assert.Equal(page.Next is null ? 1 : 2, page.Hits.Count);
            found.AddRange(page.Hits);
            cursor = page.Next;
        } while (cursor is not null);
        Assert.Equal(notes.Order(), found.Select(hit => hit.Id));
        Assert.All(
            found,
            hit =>
            {
                Assert.Equal(("notes", "body"), (hit.Entity, hit.Field));
                Assert.Equal(
                    ["bread", "moon"],
                    hit.Highlights.Select(mark => hit.Snippet.Substring(mark[0], mark[1]))
                );
            }
        );
        Assert.Equal(5, WireCodec.ReadFound((await GetAsync("q=rocket")).Utf8).Hits.Count);
    }

    [Theory]
    [InlineData("", "malformed", "q")]
    [InlineData("q=", "malformed", "q")]
    [InlineData("q=a&q=b", "malformed", "q")]
    [InlineData("q=a&limit=0", "malformed", "limit")]
    [InlineData("q=a&limit=101", "malformed", "limit")]
    [InlineData("q=a&limit=x", "malformed", "limit")]
    [InlineData("q=a&cursor=x", "malformed", "cursor")]
    [InlineData(
        "q=a&cursor=7f800000.0f6c5a3e-8b1d-4c2f-a7e9-3d5b1f2c4a68.a",
        "malformed",
        "cursor"
    )]
    [InlineData(
        "q=a&cursor=3f000000.0F6c5a3e-8b1d-4c2f-a7e9-3d5b1f2c4a68.a",
        "malformed",
        "cursor"
    )]
    [InlineData("q=a&mode=x", "malformed", "mode")]
    [InlineData("q=a&types=notes,x", "unknown_entity", "types")]
    public async Task A_search_of_another_shape_is_refused(string query, string code, string field)
    {
        var error = (await GetAsync(query)).Error;
        Assert.Equal((code, field), (error.Code, error.Field));
    }

    [Theory]
    [InlineData("meaning")]
    [InlineData("hybrid")]
    public async Task Without_a_model_nothing_is_found_by_meaning(string mode) =>
        Assert.Equal("not_found", (await GetAsync($"q=a&mode={mode}")).Error.Code);

    [Fact]
    public async Task A_query_of_a_thousand_characters_is_answered_and_a_longer_one_malformed()
    {
        Assert.Equal(HttpStatusCode.OK, (await GetAsync($"q={new string('a', 1_000)}")).Status);
        var error = (await GetAsync($"q={new string('a', 1_001)}")).Error;
        Assert.Equal(("malformed", "q"), (error.Code, error.Field));
    }

    [Theory]
    [InlineData("%00%F0%9F%9A%80")]
    [InlineData("'%22\\)|%26!%3C-%3E:*")]
    [InlineData("%C3%28")]
    public async Task Nothing_that_is_typed_is_an_error(string words)
    {
        var answer = await GetAsync($"q={words}");
        Assert.Empty(WireCodec.ReadFound(answer.Utf8).Hits);
    }

    private async Task<HttpAnswer> GetAsync(string query) =>
        await (await HttpDoor.OpenAsync(shared.Server, owner)).GetAsync($"/v1/search?{query}");
}
