using System.Net;
using System.Net.Http.Headers;
using Orchestra.Client.Connection;
using Orchestra.Sync.Contents;
using Orchestra.Sync.Errors;
using Orchestra.Sync.Wire;

namespace Orchestra.Client.Contents;

/// <summary>Brings single contents to the server and back; goes on where the last try ended.</summary>
internal sealed class ContentTransfer(
    HttpDoor http,
    TimeSpan stalledAfter,
    Action<ContentProgress> report
)
{
    /// <summary>What is smaller is sent at once; for more the server is asked first how far it is.</summary>
    private const long SendUnasked = 256 * 1024;

    /// <exception cref="SyncException">
    /// The server refused: <c>hash_mismatch</c>, <c>value_too_large</c>, <c>not_found</c> (it keeps no
    /// contents), …
    /// </exception>
    /// <exception cref="HttpRequestException">It could not be reached, or nothing moved.</exception>
    public async Task UploadAsync(ContentHash hash, FileStream file, CancellationToken cancel)
    {
        var isAsked = file.Length >= SendUnasked;
        var answer = isAsked ? await AskAsync(hash, file.Length, cancel) : null;
        var tries = 0;
        while (answer?.State != ContentState.Present)
        {
            var before = answer?.Offset;
            if (answer is { Url: { } url })
            {
                await SendDirectAsync(
                    hash,
                    new Uri(url),
                    answer.Headers ?? NoHeaders,
                    file,
                    cancel
                );
                answer = await AskAsync(hash, file.Length, cancel);
            }
            else
                answer = await SendAsync(hash, file, answer?.Offset ?? 0, cancel);
            // It may take several parts, but each brings something.
            if (answer.State == ContentState.Missing && answer.Offset == before && ++tries > 3)
                throw new HttpRequestException("The server takes nothing of what is sent");
        }
        report(new(hash, true, file.Length, file.Length));
    }

    /// <summary>Fetches what is not here yet.</summary>
    /// <exception cref="SyncException"><c>not_found</c>, …</exception>
    /// <exception cref="HttpRequestException">The server could not be reached, or nothing moved.</exception>
    public async Task DownloadAsync(ContentHash hash, FileStream part, CancellationToken cancel)
    {
        using var stall = new Stall(stalledAfter, cancel);
        await stall.RunAsync(async () =>
        {
            using var response = await http.OpenAsync(
                HttpMethod.Get,
                PathOf(hash),
                request =>
                {
                    if (part.Position > 0)
                        request.Headers.Range = new RangeHeaderValue(part.Position, null);
                },
                stall.Token
            );
            // All of it was here already.
            if (response.StatusCode == HttpStatusCode.RequestedRangeNotSatisfiable)
                return true;
            if (response.StatusCode != HttpStatusCode.PartialContent)
                part.SetLength(0);
            var size = part.Position + (response.Content.Headers.ContentLength ?? 0);
            await using var body = await response.Content.ReadAsStreamAsync(stall.Token);
            var buffer = new byte[64 * 1024];
            while (await body.ReadAsync(buffer, stall.Token) is var count and > 0)
            {
                await part.WriteAsync(buffer.AsMemory(0, count), stall.Token);
                stall.Moved();
                report(new(hash, false, part.Position, size));
            }
            return true;
        });
    }

    private static readonly Dictionary<string, string> NoHeaders = [];

    private async Task<WireContent> AskAsync(
        ContentHash hash,
        long size,
        CancellationToken cancel
    ) =>
        WireCodec.ReadContent(
            await http.SendAsync(HttpMethod.Post, $"{PathOf(hash)}?size={size}", null, cancel)
        );

    private async Task<WireContent> SendAsync(
        ContentHash hash,
        FileStream file,
        long offset,
        CancellationToken cancel
    )
    {
        using var stall = new Stall(stalledAfter, cancel);
        return await stall.RunAsync(async () =>
        {
            using var response = await http.OpenAsync(
                HttpMethod.Put,
                PathOf(hash),
                request =>
                {
                    request.Content = Body(hash, file, offset, stall);
                    if (offset > 0 && offset < file.Length)
                        request.Content.Headers.ContentRange = new(
                            offset,
                            file.Length - 1,
                            file.Length
                        );
                },
                stall.Token
            );
            return WireCodec.ReadContent(await response.Content.ReadAsByteArrayAsync(stall.Token));
        });
    }

    private async Task SendDirectAsync(
        ContentHash hash,
        Uri url,
        IReadOnlyDictionary<string, string> headers,
        FileStream file,
        CancellationToken cancel
    )
    {
        using var stall = new Stall(stalledAfter, cancel);
        await stall.RunAsync(async () =>
        {
            using var request = new HttpRequestMessage(HttpMethod.Put, url);
            request.Content = Body(hash, file, 0, stall);
            foreach (var (name, value) in headers)
                if (!request.Headers.TryAddWithoutValidation(name, value))
                    request.Content.Headers.TryAddWithoutValidation(name, value);
            using var response = await http.SendElsewhereAsync(request, stall.Token);
            return response.IsSuccessStatusCode
                ? true
                : throw new HttpRequestException(
                    $"Object storage answered with status {(int)response.StatusCode}",
                    inner: null,
                    response.StatusCode
                );
        });
    }

    private FileContent Body(ContentHash hash, FileStream file, long offset, Stall stall) =>
        new(
            file,
            offset,
            sent =>
            {
                stall.Moved();
                report(new(hash, true, sent, file.Length));
            }
        );

    private static string PathOf(ContentHash hash) => $"/v1/contents/{hash}";
}
