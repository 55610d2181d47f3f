using Orchestra.Database.Postgres;
using Orchestra.Sync;
using Orchestra.Sync.Search;
using Orchestra.Sync.Store;
using Orchestra.TestKit.Embeddings;
using Orchestra.TestKit.Postgres;
using Orchestra.TestKit.Stores;
using Orchestra.Tests.Postgres;

namespace Orchestra.Tests.Meaning;

/// <summary>What a row meant is forgotten with the row.</summary>
[Collection(nameof(VectorDatabase))]
public sealed class VectorTombstoneTests(VectorDatabase vectors)
{
    private const string Model = "a model";

    private static readonly CancellationToken Never = CancellationToken.None;

    [VectorFact]
    public async Task With_a_collected_tombstone_its_vector_goes_and_no_other()
    {
        await using var old = await OldHistories.CreateAsync(vectors.Server);
        await using var database = PostgresDatabase.Open(old.Database.ConnectionString());
        var meaning = (await PostgresMeaning.OpenAsync(database, Never))!;
        var owner = OldHistories.NewOwner();
        var (gone, kept) = (Note(owner, "moon"), Note(owner, "moon rocket"));
        await old.CommitAsync(owner);
        await SaveAsync(meaning, owner, gone, kept);
        Assert.Equal([gone.Id, kept.Id], await FindAsync(meaning, owner));

        owner.Delete(gone);
        await old.CommitAsync(owner);
        Assert.Equal([kept.Id], await FindAsync(meaning, owner));
        Assert.Equal(2L, await CountAsync(old.Database));
        Assert.Equal(1L, (await old.MaintainAsync(new Retention(13, 10, 1)))!.TombstonesCollected);
        Assert.Equal(1L, await CountAsync(old.Database));
        Assert.Equal([kept.Id], await FindAsync(meaning, owner));
    }

    private static RowKey Note(OwnerHistory owner, string body) =>
        owner.Create(
            "notes",
            ("title", FieldValue.Text("")),
            ("body", FieldValue.Text(body)),
            ("is_pinned", FieldValue.Boolean(false))
        );

    private static async Task SaveAsync(
        PostgresMeaning meaning,
        OwnerHistory owner,
        params RowKey[] rows
    )
    {
        var embeddings = new List<(OwnerId, RowEmbedding)>();
        foreach (var key in rows)
        {
            var row = (await meaning.ReadRowAsync(owner.Owner, key, Never))!;
            var text = EmbeddedText.Of(row.Fields);
            embeddings.Add(
                (owner.Owner, new(key, row.Version, Model, text.Hash, WordVectors.Of(text.Text)))
            );
        }
        await meaning.SaveAsync("", embeddings, [], Never);
    }

    private static async Task<IEnumerable<Guid>> FindAsync(
        PostgresMeaning meaning,
        OwnerHistory owner
    )
    {
        var search = new MeaningSearch("", WordVectors.Of("moon"), Model, false, ["notes"], 10);
        var found = await meaning.SearchAsync(owner.Owner, search, Never);
        return found.Rows.Select(row => row.Place.Id);
    }

    private static Task<object?> CountAsync(MigratedDatabase database) =>
        database.RunAsync("select count(embedding) from orchestra.notes_embedding");
}
