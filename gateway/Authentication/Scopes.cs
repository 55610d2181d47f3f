using System.Security.Claims;

namespace Orchestra.Gateway.Authentication;

/// <summary>What a token may be good for besides its subject's own data.</summary>
internal static class Scopes
{
    /// <summary>A trusted backend: it may write for any owner.</summary>
    public const string Write = "orchestra.write";

    /// <summary>An operator: he may look at what happens on the cluster.</summary>
    public const string Operator = "orchestra.operator";

    /// <summary>Whether a token has a scope, in either of the two spellings that issuers use.</summary>
    public static bool Has(ClaimsPrincipal who, string scope) =>
        who
            .Claims.Where(claim => claim.Type is "scope" or "scp")
            .SelectMany(claim => claim.Value.Split(' '))
            .Contains(scope, StringComparer.Ordinal);
}
