using System.Net;
using Orchestra.TestKit.Silos;

namespace Orchestra.Tests.Protocol;

/// <summary>Asks for a WebSocket by hand: what a refusal says, no WebSocket client tells.</summary>
internal static class Upgrade
{
    public static async Task<HttpAnswer> RefusedAsync(
        IServerUnderTest silo,
        string? token = null,
        string? origin = null,
        string? subprotocol = RawSocket.Subprotocol
    )
    {
        using var response = await AskAsync(silo, token, origin, subprotocol);
        Assert.NotEqual(HttpStatusCode.SwitchingProtocols, response.StatusCode);
        return await HttpAnswer.OfAsync(response);
    }

    public static async Task<HttpStatusCode> StatusAsync(
        IServerUnderTest silo,
        string? token = null,
        string? origin = null
    )
    {
        using var response = await AskAsync(silo, token, origin, RawSocket.Subprotocol);
        return response.StatusCode;
    }

    private static Task<HttpResponseMessage> AskAsync(
        IServerUnderTest silo,
        string? token,
        string? origin,
        string? subprotocol
    )
    {
        var request = new HttpRequestMessage(HttpMethod.Get, "/v1/sync");
        request.Headers.Connection.Add("Upgrade");
        request.Headers.Upgrade.ParseAdd("websocket");
        request.Headers.Add("Sec-WebSocket-Version", "13");
        request.Headers.Add("Sec-WebSocket-Key", "AAAAAAAAAAAAAAAAAAAAAA==");
        if (subprotocol is not null)
            request.Headers.Add("Sec-WebSocket-Protocol", subprotocol);
        if (token is not null)
            request.Headers.TryAddWithoutValidation("Authorization", $"Bearer {token}");
        if (origin is not null)
            request.Headers.TryAddWithoutValidation("Origin", origin);
        return silo.Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
    }
}
