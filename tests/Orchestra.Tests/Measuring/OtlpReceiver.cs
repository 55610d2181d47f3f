using System.Collections.Concurrent;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Orchestra.Tests.Measuring;

/// <summary>A collector: takes what is sent over OTLP as protobuf in HTTP, and keeps the spans.</summary>
internal sealed class OtlpReceiver : IAsyncDisposable
{
    private readonly ConcurrentQueue<Span> spans = [];
    private readonly ConcurrentDictionary<string, int> requests = [];
    private readonly WebApplication app;

    private OtlpReceiver()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        app = builder.Build();
        app.MapPost("/v1/{signal}", TakeAsync);
    }

    public string Address => app.Urls.Single();

    public IReadOnlyCollection<Span> Spans => spans;

    /// <summary>How many requests came with traces, metrics or logs.</summary>
    public int Count(string signal) => requests.GetValueOrDefault(signal);

    public static async Task<OtlpReceiver> StartAsync()
    {
        var receiver = new OtlpReceiver();
        await receiver.app.StartAsync();
        return receiver;
    }

    public ValueTask DisposeAsync() => app.DisposeAsync();

    private async Task TakeAsync(HttpRequest request, string signal)
    {
        using var body = new MemoryStream();
        await request.Body.CopyToAsync(body);
        requests.AddOrUpdate(signal, 1, (_, count) => count + 1);
        if (signal == "traces")
            foreach (var span in Span.ReadAll(body.ToArray()))
                spans.Enqueue(span);
    }
}

/// <summary>A span, as far as tests look at it; ids in hexadecimal.</summary>
/// <param name="Scope">Whose it is.</param>
/// <param name="Name">What was done.</param>
/// <param name="Trace">The trace's id.</param>
/// <param name="Id">Its own id.</param>
/// <param name="Parent">The span's above it, or empty.</param>
/// <param name="Texts">Its attributes, <c>name=value</c>.</param>
internal sealed record Span(
    string Scope,
    string Name,
    string Trace,
    string Id,
    string Parent,
    IReadOnlyList<string> Texts
)
{
    /// <summary>By the numbers that opentelemetry/proto gives its fields.</summary>
    public static IEnumerable<Span> ReadAll(byte[] request) =>
        from resource in Protobuf.Read(request).Messages(1)
        from scope in resource.Messages(2)
        let name = scope.Messages(1).Select(it => it.Text(1)).FirstOrDefault("")
        from span in scope.Messages(2)
        select new Span(
            name,
            span.Text(5),
            span.Hex(1),
            span.Hex(2),
            span.Hex(4),
            [.. span.Messages(9).Select(pair => $"{pair.Text(1)}={ValueOf(pair)}")]
        );

    private static string ValueOf(Protobuf pair) =>
        string.Concat(pair.Messages(2).Select(value => value.Text(1)));
}
