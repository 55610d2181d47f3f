namespace Orchestra.Sync.Search;

/// <summary>A model that gives vectors of texts, at a price.</summary>
/// <remarks>Implementation: an OpenAI-compatible endpoint. Where none is configured there is none.</remarks>
public interface IEmbedder
{
    /// <summary>Which. What it gave compares with nothing of another one.</summary>
    string Model { get; }

    /// <summary>The most that one request may have.</summary>
    EmbeddingBatch Most { get; }

    /// <summary>Waits for its turn, then asks once.</summary>
    /// <param name="texts">None empty; no more than <see cref="Most"/>.</param>
    /// <param name="waiting">Ends the waiting. A request that is on its way is paid for and awaited.</param>
    /// <returns>A vector each, in order.</returns>
    /// <exception cref="EmbedderException">It gave none.</exception>
    Task<IReadOnlyList<float[]>> EmbedAsync(IReadOnlyList<string> texts, CancellationToken waiting);

    /// <summary>
    /// What somebody searches for, who waits for it. Nobody takes more than a part of what may be asked.
    /// </summary>
    /// <exception cref="Errors.SyncException"><c>rate_limited</c>, <c>store_unavailable</c></exception>
    Task<float[]> EmbedQueryAsync(OwnerId owner, string text, CancellationToken cancellation);
}

/// <param name="Texts">How many.</param>
/// <param name="Bytes">How many bytes of UTF-8, together.</param>
public readonly record struct EmbeddingBatch(int Texts, int Bytes);

/// <summary>The model gave no vectors; for operators, and without the texts.</summary>
/// <param name="message">Why.</param>
/// <param name="isOfTexts">Whether it may be because of what was asked, and not because of the model.</param>
/// <param name="retryAfter">When to ask again, if it has said so.</param>
public sealed class EmbedderException(string message, bool isOfTexts, TimeSpan? retryAfter)
    : Exception(message)
{
    public bool IsOfTexts => isOfTexts;

    public TimeSpan? RetryAfter => retryAfter;
}
