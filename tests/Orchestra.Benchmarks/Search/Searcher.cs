using System.Diagnostics;
using System.Net.Http.Headers;
using Orchestra.Sync;
using Orchestra.Sync.Wire;
using Orchestra.TestKit.Silos;

namespace Orchestra.Benchmarks.Search;

/// <summary>Asks for one owner after the other.</summary>
internal sealed class Searcher
{
    private readonly HttpClient http;
    private readonly IReadOnlyList<AuthenticationHeaderValue> tokens;

    private Searcher(HttpClient http, IReadOnlyList<AuthenticationHeaderValue> tokens) =>
        (this.http, this.tokens) = (http, tokens);

    public static async Task<Searcher> OpenAsync(RunningSilo silo, IReadOnlyList<OwnerId> owners)
    {
        var tokens = new List<AuthenticationHeaderValue>();
        foreach (var owner in owners)
            tokens.Add(new("Bearer", await silo.TokenAsync(owner)));
        return new(silo.Http, tokens);
    }

    public async Task<SearchTimes> RunAsync(
        SearchKind kind,
        int count,
        int atOnce,
        CancellationToken cancel
    )
    {
        var milliseconds = new double[count];
        var found = 0L;
        var start = Stopwatch.GetTimestamp();
        await Parallel.ForAsync(
            0,
            count,
            new ParallelOptions { MaxDegreeOfParallelism = atOnce, CancellationToken = cancel },
            async (i, stop) =>
            {
                var query = Uri.EscapeDataString(kind.Queries[i % kind.Queries.Count]);
                using var request = new HttpRequestMessage(HttpMethod.Get, $"/v1/search?q={query}");
                request.Headers.Authorization = tokens[i % tokens.Count];
                var asked = Stopwatch.GetTimestamp();
                using var answer = await http.SendAsync(request, stop);
                answer.EnsureSuccessStatusCode();
                var page = WireCodec.ReadFound(await answer.Content.ReadAsByteArrayAsync(stop));
                milliseconds[i] = Stopwatch.GetElapsedTime(asked).TotalMilliseconds;
                Interlocked.Add(ref found, page.Hits.Count);
            }
        );
        var elapsed = Stopwatch.GetElapsedTime(start);
        Array.Sort(milliseconds);
        return new(milliseconds, (double)found / count, count / elapsed.TotalSeconds);
    }
}

/// <param name="Milliseconds">Of each search, in order.</param>
/// <param name="Found">Hits of the first page, on the average.</param>
/// <param name="PerSecond">Searches that were answered.</param>
internal sealed record SearchTimes(double[] Milliseconds, double Found, double PerSecond)
{
    /// <param name="share">0.5 = the median, 1 = the worst.</param>
    public double At(double share) =>
        Milliseconds[Math.Min((int)(Milliseconds.Length * share), Milliseconds.Length - 1)];
}
