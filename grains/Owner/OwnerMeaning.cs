using Orchestra.Grains.Embeddings;
using Orchestra.Sync;
using Orchestra.Sync.Errors;
using Orchestra.Sync.Search;

namespace Orchestra.Grains.Owner;

/// <summary>Searches an owner's rows by meaning, and takes vectors that his clients have computed.</summary>
/// <param name="owner">Whose.</param>
/// <param name="meaning">Null = the server does not search by meaning.</param>
internal sealed class OwnerMeaning(OwnerId owner, Meaning? meaning)
{
    /// <summary>What is searched for is often searched for again, by the same user only.</summary>
    private const int RememberedQueries = 8;

    private readonly Queue<(string Words, float[] Vector)> remembered = new();

    public async Task<FoundPage> SearchAsync(MeaningSearch search)
    {
        var (store, embedder) = (Require().Store, meaning!.Embedder);
        if (search.Vector is { } given)
        {
            Embedding.Require(given, "vector");
            return await store.SearchAsync(owner, search, CancellationToken.None);
        }
        if (embedder is null)
            throw new SyncException(
                ErrorCode.NotFound,
                "This server has no model to read what is searched for: give a vector"
            );
        var vector = await VectorOfAsync(embedder, search.Words);
        return await store.SearchAsync(
            owner,
            search with
            {
                Vector = vector,
                Model = embedder.Model,
            },
            CancellationToken.None
        );
    }

    public async Task SupplyAsync(SuppliedEmbedding supplied)
    {
        var (store, texts, embedder) = Require();
        Embedding.Require(supplied.Vector, "vector");
        if (embedder is not null && supplied.Model != embedder.Model)
            throw new SyncException(
                ErrorCode.InvalidValue,
                "Vectors of that model do not compare with the server's",
                "model"
            );
        if (!store.Has(supplied.Row.Entity))
            throw new SyncException(
                ErrorCode.InvalidValue,
                "Rows of that type are not searched",
                "entity"
            );
        var row =
            await store.ReadRowAsync(owner, supplied.Row, CancellationToken.None)
            ?? throw new SyncException(ErrorCode.NotFound, "There is no such row");
        var text = (await texts.ReadAsync(owner, [row], CancellationToken.None))[0];
        if (text.Hash != supplied.TextHash)
            throw new SyncException(
                ErrorCode.HashMismatch,
                "The row has another text by now",
                "text_hash"
            );
        await store.SaveAsync(
            "",
            [
                (
                    owner,
                    new(row.Row, row.Version, supplied.Model, supplied.TextHash, supplied.Vector)
                ),
            ],
            [],
            CancellationToken.None
        );
    }

    private async Task<float[]> VectorOfAsync(IEmbedder embedder, string words)
    {
        // The model is sent no more of a search than of a row.
        var text = EmbeddedText.Of([words]).Text;
        foreach (var (known, there) in remembered)
            if (known == text)
                return there;
        if (text.Length == 0)
            throw new SyncException(ErrorCode.Malformed, "There is nothing to look for", "q");
        var vector = await embedder.EmbedQueryAsync(owner, text, CancellationToken.None);
        remembered.Enqueue((text, vector));
        if (remembered.Count > RememberedQueries)
            remembered.Dequeue();
        return vector;
    }

    private Meaning Require() =>
        meaning
        ?? throw new SyncException(ErrorCode.NotFound, "This server does not search by meaning");
}
