using System.Net;
using System.Net.Http.Headers;
using System.Text;
using Orchestra.Sync;
using Orchestra.Sync.Wire;
using Orchestra.TestKit.Silos;

namespace Orchestra.Tests.Protocol;

/// <summary>The gateway's other door, with an owner's token in the hand.</summary>
internal sealed class HttpDoor(HttpClient http, string? token)
{
    public static async Task<HttpDoor> OpenAsync(IServerUnderTest silo, OwnerId owner) =>
        new(silo.Http, await silo.TokenAsync(owner));

    public Task<HttpAnswer> GetAsync(string path) => SendAsync(HttpMethod.Get, path);

    public Task<HttpAnswer> DeleteAsync(string path) => SendAsync(HttpMethod.Delete, path);

    public Task<HttpAnswer> PatchAsync(string path, DevicePatch patch) =>
        SendAsync(HttpMethod.Patch, path, WireCodec.Write(patch));

    public Task<HttpAnswer> PushAsync(PushMessage push) =>
        SendAsync(HttpMethod.Post, "/v1/push", WireCodec.Write(push));

    public async Task<HttpAnswer> SendAsync(HttpMethod method, string path, byte[]? body = null)
    {
        using var request = new HttpRequestMessage(method, path);
        if (token is not null)
            request.Headers.TryAddWithoutValidation("Authorization", $"Bearer {token}");
        if (body is not null)
            request.Content = new ByteArrayContent(body)
            {
                Headers = { ContentType = new MediaTypeHeaderValue("application/json") },
            };
        return await HttpAnswer.OfAsync(await http.SendAsync(request));
    }
}

/// <param name="Status">HTTP's.</param>
/// <param name="Utf8">The body.</param>
internal sealed record HttpAnswer(HttpStatusCode Status, byte[] Utf8)
{
    public string Text => Encoding.UTF8.GetString(Utf8);

    public ServerMessage Message => WireCodec.ReadServerMessage(Utf8);

    public ErrorMessage Error => Assert.IsType<ErrorMessage>(Message);

    public static async Task<HttpAnswer> OfAsync(HttpResponseMessage response)
    {
        using (response)
            return new(response.StatusCode, await response.Content.ReadAsByteArrayAsync());
    }
}
