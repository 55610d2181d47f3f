using System.Collections.Concurrent;
using System.Runtime.InteropServices;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Logging;
using Orchestra.Sync.Search;
using Orchestra.TestKit.Silos;

namespace Orchestra.TestKit.Embeddings;

/// <summary>
/// An embeddings endpoint as OpenAI describes it, which takes no other request than that; the vectors are
/// <see cref="WordVectors"/>. It keeps count of what it was paid for.
/// </summary>
public sealed class EmbeddingEndpoint : IAsyncDisposable
{
    public const string Key = "key-of-the-tests";
    public const string Model = "text-embedding-test";

    private readonly int port = SiloPorts.Next();
    private readonly ConcurrentQueue<string> faults = new();
    private WebApplication app = null!;
    private int requests;

    /// <summary>Every text that a vector was given for, in order.</summary>
    public ConcurrentQueue<string> Paid { get; } = new();

    /// <summary>How many requests came, whatever became of them.</summary>
    public int Requests => requests;

    /// <summary>What was wrong with requests.</summary>
    public IReadOnlyCollection<string> Faults => faults;

    /// <summary>Called before an answer; true = it has answered, or broken off, by itself.</summary>
    public Func<HttpContext, IReadOnlyList<string>, Task<bool>> Before { get; set; } =
        (_, _) => Task.FromResult(false);

    /// <summary>The settings that make a silo use it.</summary>
    public (string Key, string Value)[] Settings =>
        [
            ("Orchestra:Embeddings:Url", $"http://127.0.0.1:{port}/v1"),
            ("Orchestra:Embeddings:Model", Model),
            ("Orchestra:Embeddings:ApiKey", Key),
            ("Orchestra:Embeddings:RequestsPerMinute", "0"),
            ("Orchestra:Embeddings:DelaySeconds", "0"),
        ];

    public static async Task<EmbeddingEndpoint> StartAsync()
    {
        var endpoint = new EmbeddingEndpoint();
        await endpoint.RestartAsync();
        return endpoint;
    }

    /// <summary>After <see cref="KillAsync"/>, at the same address.</summary>
    public async Task RestartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls($"http://127.0.0.1:{port}");
        app = builder.Build();
        app.MapPost("/v1/embeddings", AnswerAsync);
        await app.StartAsync();
    }

    /// <summary>Connections break off, and no others are taken.</summary>
    public async Task KillAsync() => await app.DisposeAsync();

    public async ValueTask DisposeAsync() => await app.DisposeAsync();

    public static async Task<bool> AnswerAsync(HttpContext context, int status, string body = "{}")
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = "application/json";
        await context.Response.WriteAsync(body);
        return true;
    }

    /// <summary>As the API does it, in the encoding that is asked for.</summary>
    public static Task<bool> AnswerAsync(
        HttpContext context,
        IEnumerable<float[]> vectors,
        bool isBase64
    ) =>
        AnswerAsync(
            context,
            StatusCodes.Status200OK,
            JsonSerializer.Serialize(
                new
                {
                    @object = "list",
                    data = vectors.Select(
                        (vector, index) =>
                            new
                            {
                                @object = "embedding",
                                index,
                                embedding = isBase64
                                    ? Convert.ToBase64String(MemoryMarshal.AsBytes(vector.AsSpan()))
                                    : (object)vector,
                            }
                    ),
                    model = Model,
                    usage = new { prompt_tokens = 1, total_tokens = 1 },
                }
            )
        );

    private async Task AnswerAsync(HttpContext context)
    {
        Interlocked.Increment(ref requests);
        using var body = await JsonDocument.ParseAsync(context.Request.Body);
        if (FaultOf(context.Request, body.RootElement) is { } fault)
        {
            faults.Enqueue(fault);
            await AnswerAsync(context, StatusCodes.Status400BadRequest);
            return;
        }
        var texts = body
            .RootElement.GetProperty("input")
            .EnumerateArray()
            .Select(text => text.GetString()!)
            .ToList();
        if (await Before(context, texts))
            return;
        context.Features.GetRequiredFeature<IHttpResponseBodyFeature>().DisableBuffering();
        foreach (var text in texts)
            Paid.Enqueue(text);
        await AnswerAsync(
            context,
            texts.Select(WordVectors.Of),
            body.RootElement.GetProperty("encoding_format").GetString() == "base64"
        );
    }

    private static string? FaultOf(HttpRequest request, JsonElement body)
    {
        if (request.Headers.Authorization != $"Bearer {Key}")
            return "The key is not in the header";
        if (!request.ContentType!.StartsWith("application/json", StringComparison.Ordinal))
            return "The body is no JSON";
        var members = body.EnumerateObject().ToDictionary(member => member.Name, m => m.Value);
        if (members.Keys.Except(["input", "model", "dimensions", "encoding_format"]).Any())
            return $"There are members that the API does not have: {string.Join(' ', members.Keys)}";
        if (members["model"].GetString() != Model)
            return "It is another model";
        if (members["dimensions"].GetInt32() != Embedding.Dimensions)
            return "They are other dimensions";
        if (members["encoding_format"].GetString() is not ("float" or "base64"))
            return "There is no such encoding";
        var texts = members["input"].EnumerateArray().Select(text => text.GetString()!).ToList();
        return texts.Count is 0 or > 2_048 ? "There are 1 to 2,048 inputs"
            : texts.Any(text => text.Length == 0) ? "An input is empty"
            : texts.Any(text => System.Text.Encoding.UTF8.GetByteCount(text) > 8_192)
                ? "An input may have more tokens than the model takes"
            : null;
    }
}
