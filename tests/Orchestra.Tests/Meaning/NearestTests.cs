using Orchestra.Database.Postgres;
using Orchestra.Sync;
using Orchestra.Sync.Search;
using Orchestra.TestKit.Embeddings;
using Orchestra.TestKit.Postgres;

namespace Orchestra.Tests.Meaning;

/// <summary>
/// What is nearest, by comparing all and by the index. The figures of a hundred thousand rows are in
/// database/DESIGN.md.
/// </summary>
[Collection(nameof(VectorDatabase))]
public sealed class NearestTests(VectorDatabase vectors)
{
    private const int K = 10;

    private static readonly CancellationToken Never = CancellationToken.None;

    [VectorFact]
    public async Task The_largest_and_the_smallest_owner_are_given_all_that_they_ask_for()
    {
        var database = await vectors.NewAsync();
        var corpus = new VectorCorpus();
        List<int> sizes = [500, .. Enumerable.Repeat(20, 24), K];
        var owners = await corpus.FillAsync(database, sizes, isAtOnce: true);
        await using var opened = PostgresDatabase.Open(database.ConnectionString());
        var exact = (await PostgresMeaning.OpenAsync(opened, Never))!;
        var index = (await PostgresMeaning.OpenAsync(opened, Never, new(0, 0)))!;
        var hits = 0;
        const int Queries = 20;
        for (var i = 0; i < Queries; i++)
        {
            var vector = corpus.Next();
            foreach (var owner in new[] { owners[0], owners[^1] })
            {
                var truth = await FindAsync(exact, owner, vector);
                var found = await FindAsync(index, owner, vector);
                Assert.Equal((K, K), (truth.Count, found.Count));
                Assert.Equal(truth.Count, truth.Distinct().Count());
                if (owner == owners[0])
                    hits += truth.Intersect(found).Count();
                else
                    // The index gives up before it has met so few among so many.
                    Assert.Equal(truth, found);
            }
        }
        Assert.InRange(hits, Queries * K * 95 / 100, Queries * K);
    }

    private static async Task<List<Guid>> FindAsync(
        PostgresMeaning meaning,
        OwnerId owner,
        float[] vector
    )
    {
        var search = new MeaningSearch("", vector, VectorCorpus.Model, false, ["notes"], K);
        var rows = (await meaning.SearchAsync(owner, search, Never)).Rows;
        Assert.Equal(
            rows.OrderByDescending(row => row.Place.Rank).Select(r => r.Place),
            rows.Select(r => r.Place)
        );
        return [.. rows.Select(row => row.Place.Id)];
    }
}
