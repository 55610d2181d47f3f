using System.Security.Cryptography;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace Orchestra.TestKit.Silos;

/// <summary>Issues access tokens as a company's own would: discovery, keys that are replaced, RS256.</summary>
public sealed class IdentityProvider : IAsyncDisposable
{
    public const string Audience = "orchestra-tests";

    private readonly WebApplication app;
    private volatile RsaSecurityKey key = NewKey();

    private IdentityProvider(WebApplication app) => this.app = app;

    /// <summary>Its address, which is also the issuer's name.</summary>
    public string Authority => app.Urls.Single();

    /// <summary>The settings that make a silo trust it.</summary>
    public (string Key, string Value)[] Settings =>
        [("Orchestra:Jwt:Authority", Authority), ("Orchestra:Jwt:Audience", Audience)];

    public static async Task<IdentityProvider> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var provider = new IdentityProvider(builder.Build());
        provider.app.MapGet("/.well-known/openid-configuration", provider.Describe);
        provider.app.MapGet("/keys", provider.ListKeys);
        await provider.app.StartAsync();
        return provider;
    }

    /// <summary>From now on another key signs, and the old one is not listed any more.</summary>
    public void ReplaceKey() => key = NewKey();

    /// <param name="subject">Whom it speaks for.</param>
    /// <param name="scope">Names with blanks between; null = none.</param>
    /// <param name="spoil">What is to be wrong with it.</param>
    public string Issue(
        string subject,
        string? scope = null,
        Action<SecurityTokenDescriptor>? spoil = null
    )
    {
        var token = new SecurityTokenDescriptor
        {
            Issuer = Authority,
            Audience = Audience,
            Claims = new Dictionary<string, object> { ["sub"] = subject },
            Expires = TimeProvider.System.GetUtcNow().UtcDateTime.AddHours(1),
            SigningCredentials = new(key, SecurityAlgorithms.RsaSha256),
        };
        if (scope is not null)
            token.Claims["scope"] = scope;
        spoil?.Invoke(token);
        return new JsonWebTokenHandler().CreateToken(token);
    }

    /// <summary>Signed with the public key as if it were a shared secret.</summary>
    public string IssueConfused(string subject) =>
        Issue(
            subject,
            spoil: token =>
                token.SigningCredentials = new(
                    new SymmetricSecurityKey(key.Rsa.ExportSubjectPublicKeyInfo()),
                    SecurityAlgorithms.HmacSha256
                )
        );

    public ValueTask DisposeAsync() => app.DisposeAsync();

    private IResult Describe() =>
        Results.Json(new { issuer = Authority, jwks_uri = $"{Authority}/keys" });

    private IResult ListKeys()
    {
        var now = key;
        var numbers = now.Rsa.ExportParameters(false);
        return Results.Json(
            new
            {
                keys = new[]
                {
                    new
                    {
                        kty = "RSA",
                        use = "sig",
                        alg = "RS256",
                        kid = now.KeyId,
                        n = Base64UrlEncoder.Encode(numbers.Modulus),
                        e = Base64UrlEncoder.Encode(numbers.Exponent),
                    },
                },
            }
        );
    }

    private static RsaSecurityKey NewKey() =>
        new(RSA.Create(2048)) { KeyId = Guid.NewGuid().ToString("N") };
}
