namespace Orchestra.Sync.Search;

/// <summary>
/// Where vectors of rows are kept, beside the rows and in no page that syncs. Which rows are to be
/// embedded is found from the rows' versions and a position that every owner has.
/// </summary>
/// <remarks>
/// Implementation: PostgreSQL with pgvector; elsewhere there is none. Every call may throw
/// <see cref="Errors.SyncException"/> with <c>store_unavailable</c>.
/// </remarks>
public interface IMeaningStore
{
    /// <summary>Types whose rows have vectors: those with searched fields.</summary>
    bool Has(string entity);

    /// <summary>Of the clusters on the database one at a time embeds.</summary>
    /// <param name="holder">Which asks.</param>
    /// <param name="length">For how long, from now; zero gives it back.</param>
    /// <param name="cancellation">Stops the asking.</param>
    /// <returns>Whether it is that one.</returns>
    Task<bool> LeadAsync(string holder, TimeSpan length, CancellationToken cancellation);

    /// <summary>Looks at some owners, in the order of their ids.</summary>
    /// <param name="recipe">Of what texts are made and by which model they are embedded.</param>
    /// <param name="after">The <see cref="OwnersBehind.Last"/> of the page before; null = the first.</param>
    /// <param name="limit">At how many.</param>
    /// <param name="cancellation">Stops the looking.</param>
    Task<OwnersBehind> FindBehindAsync(
        string recipe,
        OwnerId? after,
        int limit,
        CancellationToken cancellation
    );

    /// <summary>
    /// The next rows of an owner behind his position, in the order of versions; null if there is
    /// nothing, not even a position to move.
    /// </summary>
    /// <param name="owner">Whose.</param>
    /// <param name="recipe">A position of another one does not count.</param>
    /// <param name="limit">How many rows of a type at most.</param>
    /// <param name="cancellation">Stops the reading.</param>
    Task<ChangedTexts?> ReadChangedAsync(
        OwnerId owner,
        string recipe,
        int limit,
        CancellationToken cancellation
    );

    /// <summary>
    /// Writes vectors and then moves positions, all together or not at all. Left out are the vectors of
    /// rows that have changed since, and the positions that are not <see cref="ChangedTexts.From"/> any
    /// more: somebody else was there.
    /// </summary>
    /// <param name="recipe">Of the positions.</param>
    /// <param name="embeddings">For whichever owners.</param>
    /// <param name="done">Of these owners all rows have been looked after.</param>
    /// <param name="cancellation">Stops the writing.</param>
    Task SaveAsync(
        string recipe,
        IReadOnlyList<(OwnerId Owner, RowEmbedding Embedding)> embeddings,
        IReadOnlyList<ChangedTexts> done,
        CancellationToken cancellation
    );

    /// <summary>A live row; null if there is none.</summary>
    Task<ChangedText?> ReadRowAsync(OwnerId owner, RowKey row, CancellationToken cancellation);

    /// <summary>The owner's live rows that are nearest to a vector, the nearest first.</summary>
    /// <returns>As many as were asked for, where there are as many with a vector of the model.</returns>
    /// <remarks><c>overloaded</c> where it takes too long (<see cref="SearchPatience"/>).</remarks>
    Task<FoundPage> SearchAsync(
        OwnerId owner,
        MeaningSearch search,
        CancellationToken cancellation
    );
}

/// <param name="Owners">Those with rows behind their position.</param>
/// <param name="Last">The last that was looked at; null = there are no more.</param>
public sealed record OwnersBehind(IReadOnlyList<OwnerId> Owners, OwnerId? Last);

/// <param name="Owner">Whose.</param>
/// <param name="From">His position, as it is; null = he has none, or one of another recipe.</param>
/// <param name="To">Where it is once these rows are done.</param>
/// <param name="Rows">What has changed in between.</param>
public sealed record ChangedTexts(
    OwnerId Owner,
    EmbeddingPosition? From,
    long To,
    IReadOnlyList<ChangedText> Rows
);

/// <param name="Recipe">By which it was come to.</param>
/// <param name="Version">Rows up to it are done.</param>
public readonly record struct EmbeddingPosition(string Recipe, long Version);

/// <param name="Row">Which row.</param>
/// <param name="Version">The row's.</param>
/// <param name="IsLive">Whether it was deleted.</param>
/// <param name="Fields">The searched fields' texts, the beginning of long ones.</param>
/// <param name="ContentHash">The contents that it names, if it does.</param>
/// <param name="Model">That gave the vector it has; null = it has none.</param>
/// <param name="TextHash">Of which text.</param>
public sealed record ChangedText(
    RowKey Row,
    long Version,
    bool IsLive,
    IReadOnlyList<string> Fields,
    string? ContentHash,
    string? Model,
    string? TextHash
);

/// <param name="Row">Which row.</param>
/// <param name="Version">The row's, as it was read.</param>
/// <param name="Model">That gave it.</param>
/// <param name="TextHash">Of which text.</param>
/// <param name="Vector">Null = there is none for this text.</param>
public sealed record RowEmbedding(
    RowKey Row,
    long Version,
    string Model,
    string TextHash,
    float[]? Vector
);
