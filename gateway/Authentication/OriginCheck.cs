using Microsoft.AspNetCore.Http;
using Orchestra.Sync.Errors;

namespace Orchestra.Gateway.Authentication;

/// <summary>
/// Keeps foreign web pages out: a browser names the page's origin, and lets any page open a
/// WebSocket anywhere unless the server objects.
/// </summary>
internal sealed class OriginCheck(GatewayOptions options)
{
    private readonly HashSet<string> allowed = new(
        options.AllowedOrigins,
        StringComparer.OrdinalIgnoreCase
    );

    /// <exception cref="SyncException"><c>origin_refused</c> or <c>token_in_url</c>.</exception>
    public void Require(HttpRequest request)
    {
        if (request.Query.ContainsKey("access_token") || request.Query.ContainsKey("token"))
            throw new SyncException(
                ErrorCode.TokenInUrl,
                "A token in a URL ends up in logs; send it in the Authorization header or in hello"
            );
        foreach (var origin in request.Headers.Origin)
            if (!IsAllowed(origin, request.Host))
                throw new SyncException(
                    ErrorCode.OriginRefused,
                    "Web pages of that origin may not use this server"
                );
    }

    /// <summary>Whether the settings name it.</summary>
    public bool IsListed(string origin) => allowed.Contains(origin);

    private bool IsAllowed(string? origin, HostString host) =>
        origin is not null && (IsListed(origin) || IsSameOrigin(origin, host));

    private static bool IsSameOrigin(string origin, HostString host) =>
        Uri.TryCreate(origin, UriKind.Absolute, out var uri)
        && string.Equals(uri.Authority, host.Value, StringComparison.OrdinalIgnoreCase);
}
