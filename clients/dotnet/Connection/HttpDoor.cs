using System.Net;
using System.Net.Http.Headers;
using Orchestra.Client.Local;
using Orchestra.Sync.Errors;
using Orchestra.Sync.Wire;

namespace Orchestra.Client.Connection;

/// <summary>
/// The server's requests over HTTP: where they go, who asks, and what an answer that is an error
/// means.
/// </summary>
/// <param name="whom">Asked before each request: the server's address, and a token for it.</param>
internal sealed class HttpDoor(Func<CancellationToken, Task<(Uri Server, string Token)>> whom)
    : IDisposable
{
    private readonly HttpClient http = new();

    /// <summary>For bodies that take as long as they take.</summary>
    private readonly HttpClient streams = new() { Timeout = Timeout.InfiniteTimeSpan };

    /// <summary>To the server that the database knows, with tokens from the app.</summary>
    public static HttpDoor Of(LocalDatabase database, ClientOptions options) =>
        new(async cancel =>
        {
            var server = await ServerAddress.RequireAsync(database, options, cancel);
            return (server, await options.Token!(server, cancel));
        });

    /// <param name="method">What to do.</param>
    /// <param name="path">With what: a path below the server's address, and perhaps a query.</param>
    /// <param name="body">JSON, if the request has any.</param>
    /// <param name="cancel">Ends it.</param>
    /// <returns>The answer's body; empty where the answer has none.</returns>
    /// <exception cref="SyncException">The server refused, or there is none.</exception>
    /// <exception cref="HttpRequestException">The server could not be reached.</exception>
    public async Task<byte[]> SendAsync(
        HttpMethod method,
        string path,
        byte[]? body,
        CancellationToken cancel
    )
    {
        var (server, token) = await whom(cancel);
        using var request = new HttpRequestMessage(method, Address(server, path));
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        if (body is not null)
            request.Content = new ByteArrayContent(body)
            {
                Headers = { ContentType = new MediaTypeHeaderValue("application/json") },
            };
        using var response = await http.SendAsync(request, cancel);
        var answer = await response.Content.ReadAsByteArrayAsync(cancel);
        return response.IsSuccessStatusCode ? answer : throw Refusal(response.StatusCode, answer);
    }

    /// <param name="method">What to do.</param>
    /// <param name="path">With what.</param>
    /// <param name="prepare">Given the request before it is sent.</param>
    /// <param name="cancel">Ends it.</param>
    /// <returns>An answer that is none of an error, or a range that cannot be had; its body is still to come.</returns>
    /// <exception cref="SyncException">The server refused, or there is none.</exception>
    /// <exception cref="HttpRequestException">The server could not be reached.</exception>
    public async Task<HttpResponseMessage> OpenAsync(
        HttpMethod method,
        string path,
        Action<HttpRequestMessage> prepare,
        CancellationToken cancel
    )
    {
        var (server, token) = await whom(cancel);
        using var request = new HttpRequestMessage(method, Address(server, path));
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        prepare(request);
        var response = await SendElsewhereAsync(request, cancel);
        if (
            response.IsSuccessStatusCode
            || response.StatusCode == HttpStatusCode.RequestedRangeNotSatisfiable
        )
            return response;
        using (response)
            throw Refusal(response.StatusCode, await response.Content.ReadAsByteArrayAsync(cancel));
    }

    /// <summary>To an address that the server gave, without a token. Its answer's body is still to come.</summary>
    public Task<HttpResponseMessage> SendElsewhereAsync(
        HttpRequestMessage request,
        CancellationToken cancel
    ) => streams.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancel);

    public void Dispose()
    {
        http.Dispose();
        streams.Dispose();
    }

    private static Uri Address(Uri server, string path)
    {
        var scheme = server.Scheme is "https" or "wss" ? "https" : "http";
        var root = new UriBuilder(server)
        {
            Scheme = scheme,
            Query = "",
            Fragment = "",
        }.Uri;
        return new Uri(root.AbsoluteUri.TrimEnd('/') + path);
    }

    /// <summary>Something on the way may have answered in the server's place, in its own words.</summary>
    private static Exception Refusal(HttpStatusCode status, byte[] answer)
    {
        try
        {
            if (WireCodec.ReadServerMessage(answer) is ErrorMessage error)
                return ConnectionError.From(error);
        }
        catch (SyncException)
        {
            // Not ours.
        }
        return new HttpRequestException(
            $"The server's address answered with status {(int)status}",
            inner: null,
            status
        );
    }
}
