using System.Net;
using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Orchestra.Gateway.Http;
using Orchestra.Sync;
using Orchestra.Sync.Errors;
using Orchestra.Sync.Wire;

namespace Orchestra.Gateway.Authentication;

/// <summary>
/// <c>POST /dev/token {"user":"…","scope":"…"}</c>: a token for anybody, on a developer's own machine. Mapped
/// only where a development key is, which the silo allows only on a loopback listener.
/// </summary>
public static class DevelopmentDoor
{
    internal static void MapDevelopmentTokens(this IEndpointRouteBuilder endpoints) =>
        endpoints.MapPost("/dev/token", Issue);

    private static async Task<IResult> Issue(
        HttpRequest request,
        DevelopmentKey key,
        TimeProvider time
    )
    {
        // A name that merely resolves to loopback could be a web page's way in.
        if (!IsLoopback(request.Host.Host))
            throw new SyncException(ErrorCode.OriginRefused, "Ask by a loopback address");
        var body = Read(await Body.ReadAsync(request));
        if (!CanonicalUuid.TryParse(body.User, out var user) || user == Guid.Empty)
            throw new SyncException(
                ErrorCode.InvalidValue,
                "A user is a UUID in lower case with hyphens",
                "user"
            );
        return Results.Json(
            new TokenAnswer(key.Issue(new OwnerId(user), body.Scope, time.GetUtcNow()))
        );
    }

    private static TokenRequest Read(ReadOnlyMemory<byte> json)
    {
        try
        {
            return JsonSerializer.Deserialize<TokenRequest>(json.Span) ?? new(null, null);
        }
        catch (JsonException)
        {
            throw new SyncException(ErrorCode.Malformed, "The body is {\"user\":\"…\"}");
        }
    }

    /// <summary>Whether a name stands for this machine whatever a resolver says.</summary>
    public static bool IsLoopback(string host) =>
        host == "localhost" || (IPAddress.TryParse(host, out var ip) && IPAddress.IsLoopback(ip));

    private sealed record TokenRequest(
        [property: JsonPropertyName("user")] string? User,
        [property: JsonPropertyName("scope")] string? Scope
    );

    private sealed record TokenAnswer([property: JsonPropertyName("token")] string Token);
}
