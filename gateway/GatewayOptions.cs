using Orchestra.Sync.Relay;

namespace Orchestra.Gateway;

/// <summary>What the gateway must be told. Bound by the silo, section by section.</summary>
public sealed record GatewayOptions
{
    /// <summary>
    /// Browser origins besides the gateway's own that may use it, as browsers write them:
    /// <c>https://app.example</c>, without a slash at the end.
    /// </summary>
    public required IReadOnlyList<string> AllowedOrigins { get; init; }

    /// <summary>WebSockets at once, 1 or more; beyond it new ones are told <c>overloaded</c>.</summary>
    public required int MaxConnections { get; init; }

    /// <summary>Who issues the access tokens; null = the development key signs them.</summary>
    public TokenIssuer? Issuer { get; init; }

    /// <summary>
    /// Where the development signing key is kept. Set on a developer's machine only: whoever reaches
    /// the listener can then ask for any user's token.
    /// </summary>
    public string? DevelopmentKeyFile { get; init; }

    /// <summary>How much an owner's devices may ask, together; null = any amount.</summary>
    public RequestRate? RequestRate { get; init; }
}

/// <param name="Authority">The OpenID Connect issuer's address, where its keys are found.</param>
/// <param name="Audience">The <c>aud</c> that tokens for this service carry.</param>
/// <param name="Issuer">The <c>iss</c>, where it differs from what the authority says.</param>
public sealed record TokenIssuer(Uri Authority, string Audience, string? Issuer = null);
