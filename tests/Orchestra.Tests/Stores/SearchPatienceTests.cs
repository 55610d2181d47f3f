using Orchestra.Sync;
using Orchestra.Sync.Errors;
using Orchestra.Sync.Store;
using Orchestra.TestKit.Stores;

namespace Orchestra.Tests.Stores;

/// <summary>A few rows of long texts and a long query keep no store busy for minutes.</summary>
public sealed class SearchPatienceTests
{
    private static readonly CancellationToken Never = CancellationToken.None;

    [Fact]
    public async Task PostgreSQL_gives_up_words_that_are_in_every_place()
    {
        // How near each word is to each other is what its rank is made of.
        var words = Enumerable
            .Range(0, 330)
            .Select(i => $"{(char)('a' + (i / 26))}{(char)('a' + (i % 26))}")
            .ToArray();
        await using var bench = new PostgresBench();
        await RequireGivenUpAsync(bench, words, rows: 60, string.Join(' ', words));
    }

    [Fact]
    public async Task SQLite_gives_up_a_phrase_of_hundreds_of_words()
    {
        var random = new Random(1);
        string[] words = ["a", "b"];
        using var bench = new SqliteBench(inMemory: false);
        var phrase = string.Join(' ', random.GetItems(words, 400));
        await RequireGivenUpAsync(bench, words, rows: 500, $"\"{phrase}\"");
    }

    private static async Task RequireGivenUpAsync(
        IStoreBench bench,
        string[] words,
        int rows,
        string query
    )
    {
        var store = await bench.OpenAsync();
        var random = new Random(2);
        var (owner, other) = (new OwnerHistory(Guid.NewGuid()), new OwnerHistory(Guid.NewGuid()));
        for (var i = 0; i < rows; i++)
            Note(owner, string.Join(' ', random.GetItems(words, 30_000 / (words[0].Length + 1))));
        Note(other, "milk");
        await store.CommitAsync([owner.Commit(), other.Commit()], Never);

        var refusal = await Assert.ThrowsAsync<SyncException>(() =>
            store.SearchAsync(owner.Owner, new(query, ["notes"], null, 10), Never)
        );
        Assert.Equal(ErrorCode.Overloaded, refusal.Code);
        Assert.NotNull(refusal.RetryAfter);
        // And the connection is as good as before.
        foreach (var word in new[] { "milk", "bread" })
            Assert.Equal(
                word == "milk" ? 1 : 0,
                (await store.SearchAsync(other.Owner, new(word, null, null, 10), Never)).Rows.Count
            );
    }

    private static void Note(OwnerHistory owner, string body) =>
        owner.Create(
            "notes",
            ("title", FieldValue.Text("")),
            ("body", FieldValue.Text(body)),
            ("is_pinned", FieldValue.Boolean(false))
        );
}
