using System.ClientModel;
using System.ClientModel.Primitives;
using System.Globalization;
using System.Text;
using OpenAI;
using OpenAI.Embeddings;
using Orchestra.Sync;
using Orchestra.Sync.Errors;
using Orchestra.Sync.Search;

namespace Orchestra.Database.Embeddings;

/// <summary>An endpoint that speaks OpenAI's embeddings API, asked no faster than it was said.</summary>
public sealed class OpenAiEmbedder : IEmbedder, IDisposable
{
    private const int MostTexts = 64;
    private const int MostBytes = 256 * 1024;

    /// <summary>Of a request for rows, which nobody waits for.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    /// <summary>Of a search.</summary>
    private static readonly TimeSpan QueryPatience = TimeSpan.FromSeconds(10);

    private readonly EmbeddingClient client;
    private readonly EmbeddingPace pace;

    public OpenAiEmbedder(EmbeddingOptions options)
    {
        Model = options.Model;
        pace = new(options);
        Most = new(
            MostTexts,
            options.BytesPerMinute == 0 ? MostBytes : Math.Min(MostBytes, options.BytesPerMinute)
        );
        client = new(
            options.Model,
            // The library takes no empty one; who wants none does not look.
            new ApiKeyCredential(options.ApiKey ?? "none"),
            new OpenAIClientOptions
            {
                Endpoint = options.Url,
                // Whoever asks waits, and asks again.
                RetryPolicy = new ClientRetryPolicy(maxRetries: 0),
                NetworkTimeout = Patience,
                ClientLoggingOptions = new() { EnableLogging = false },
            }
        );
    }

    public string Model { get; }

    public EmbeddingBatch Most { get; }

    public async Task<IReadOnlyList<float[]>> EmbedAsync(
        IReadOnlyList<string> texts,
        CancellationToken waiting
    )
    {
        await pace.WaitAsync(texts.Sum(Encoding.UTF8.GetByteCount), waiting);
        return await AskAsync(texts, CancellationToken.None);
    }

    public async Task<float[]> EmbedQueryAsync(
        OwnerId owner,
        string text,
        CancellationToken cancellation
    )
    {
        pace.RequireQuery(owner);
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        patience.CancelAfter(QueryPatience);
        try
        {
            return (await AskAsync([text], patience.Token))[0];
        }
        catch (Exception e) when (e is EmbedderException or OperationCanceledException)
        {
            throw new SyncException(
                ErrorCode.StoreUnavailable,
                "The model that reads what is searched for cannot be reached",
                e
            )
            {
                RetryAfter = (e as EmbedderException)?.RetryAfter ?? TimeSpan.FromSeconds(5),
            };
        }
    }

    public void Dispose() => pace.Dispose();

    private async Task<IReadOnlyList<float[]>> AskAsync(
        IReadOnlyList<string> texts,
        CancellationToken cancellation
    )
    {
        try
        {
            var answer = await client.GenerateEmbeddingsAsync(
                texts,
                new EmbeddingGenerationOptions { Dimensions = Embedding.Dimensions },
                cancellation
            );
            return Check(answer.Value, texts.Count);
        }
        catch (ClientResultException e) when (e.Status != 0)
        {
            throw new EmbedderException(
                $"It answered with the status {e.Status}",
                isOfTexts: e.Status is 400 or 413 or 422,
                RetryAfterOf(e.GetRawResponse())
            );
        }
        catch (Exception e)
            when (e is not EmbedderException && !cancellation.IsCancellationRequested)
        {
            // What an answer that is none does to the library is its own affair.
            throw new EmbedderException(ReasonOf(e), isOfTexts: false, retryAfter: null);
        }
    }

    private static float[][] Check(OpenAIEmbeddingCollection answer, int count)
    {
        var vectors = answer
            .OrderBy(item => item.Index)
            .Select(item => item.ToFloats().ToArray())
            .ToArray();
        if (
            vectors.Length != count
            || !answer.Select(item => item.Index).Order().SequenceEqual(Enumerable.Range(0, count))
        )
            throw Wrong($"It gave {vectors.Length} vectors for {count} texts");
        foreach (var vector in vectors)
        {
            if (vector.Length != Embedding.Dimensions)
                throw Wrong(
                    $"It gave vectors of {vector.Length} numbers, and {Embedding.Dimensions} are kept"
                );
            if (!Array.TrueForAll(vector, float.IsFinite))
                throw Wrong("It gave a vector with a number that is none");
        }
        return vectors;
    }

    private static EmbedderException Wrong(string what) =>
        new(what, isOfTexts: false, retryAfter: null);

    /// <summary>Not the message of what cannot be read, which may quote it.</summary>
    private static string ReasonOf(Exception e) =>
        e switch
        {
            OperationCanceledException => "It did not answer in time",
            ClientResultException or AggregateException or HttpRequestException or IOException =>
                "It cannot be reached",
            _ => $"Its answer cannot be read ({e.GetType().Name})",
        };

    private static TimeSpan? RetryAfterOf(PipelineResponse? response) =>
        response?.Headers.TryGetValue("Retry-After", out var text) == true
        && int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds)
            ? TimeSpan.FromSeconds(seconds)
            : null;
}
