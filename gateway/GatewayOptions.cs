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

    /// <summary>The largest contents that are taken.</summary>
    public required long ContentBytes { get; init; }

    public required ConnectionLimits Connections { get; init; }

    /// <summary>
    /// Whether whoever reaches the listener can ask for any user's token, signed by the development
    /// key. On a developer's machine only.
    /// </summary>
    public bool IssuesTokens { get; init; }

    /// <summary>How much an owner's devices may ask, together; null = any amount.</summary>
    public RequestRate? RequestRate { get; init; }
}

/// <param name="Authority">The OpenID Connect issuer's address, where its keys are found.</param>
/// <param name="Audience">The <c>aud</c> that tokens for this service carry.</param>
/// <param name="Issuer">The <c>iss</c>, where it differs from what the authority says.</param>
public sealed record TokenIssuer(Uri Authority, string Audience, string? Issuer = null);
