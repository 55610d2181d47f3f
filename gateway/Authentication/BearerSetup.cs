using Microsoft.AspNetCore.Authentication.JwtBearer;
using Microsoft.AspNetCore.DataProtection.KeyManagement;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace Orchestra.Gateway.Authentication;

/// <summary>What a token must be: signed by the right key, for this service, not expired.</summary>
public static class BearerSetup
{
    /// <summary>
    /// Whoever needs to know the caller asks. A scheme that is the only one would else read the token
    /// before every request, and keep it and its claims as long as the request lasts.
    /// </summary>
    private const string NoDefaultScheme =
        "Microsoft.AspNetCore.Authentication.SuppressAutoDefaultScheme";

    private const int MaxTokenBytes = 16 * 1024;

    /// <param name="services">Where to.</param>
    /// <param name="issuer">Who issues the access tokens; null = the development key signs them.</param>
    /// <param name="developmentKeyFile">Where that key is kept; without an issuer it is needed.</param>
    public static void AddAccessTokens(
        this IServiceCollection services,
        TokenIssuer? issuer,
        string? developmentKeyFile
    )
    {
        var key = developmentKeyFile is { } file ? DevelopmentKey.Open(file) : null;
        if (key is not null)
            services.AddSingleton(key);
        services.AddSingleton<AccessTokens>();
        services.Configure<KeyManagementOptions>(keys => keys.XmlRepository = new NoKeys());
        AppContext.SetSwitch(NoDefaultScheme, true);
        services
            .AddAuthentication()
            .AddJwtBearer(bearer =>
            {
                bearer.MapInboundClaims = false;
                bearer.IncludeErrorDetails = false;
                bearer.TokenHandlers.Clear();
                bearer.TokenHandlers.Add(
                    new JsonWebTokenHandler
                    {
                        MaximumTokenSizeInBytes = MaxTokenBytes,
                        MapInboundClaims = false,
                    }
                );
                bearer.TokenValidationParameters = Common();
                bearer.Events = new JwtBearerEvents { OnTokenValidated = RefuseExtensions };
                if (key is not null)
                    key.Trust(bearer.TokenValidationParameters);
                else
                    Trust(bearer, issuer!);
            });
    }

    /// <summary>RFC 7515, 4.1.11: whoever does not know an extension that is critical refuses.</summary>
    private static Task RefuseExtensions(TokenValidatedContext context)
    {
        if (
            context.SecurityToken is JsonWebToken token
            && token.TryGetHeaderValue("crit", out object _)
        )
            context.Fail("It has extensions");
        return Task.CompletedTask;
    }

    private static TokenValidationParameters Common() =>
        new()
        {
            ValidateAudience = true,
            ValidateIssuer = true,
            ValidateIssuerSigningKey = true,
            RequireSignedTokens = true,
            RequireExpirationTime = true,
            ValidateLifetime = true,
            ClockSkew = TimeSpan.FromSeconds(30),
            ValidTypes = ["JWT", "at+jwt"],
        };

    /// <summary>Asymmetric signatures only: a public key must never pass as a shared secret.</summary>
    private static void Trust(JwtBearerOptions bearer, TokenIssuer issuer)
    {
        bearer.Authority = issuer.Authority.AbsoluteUri;
        bearer.RequireHttpsMetadata = !issuer.Authority.IsLoopback;
        bearer.TokenValidationParameters.ValidAudience = issuer.Audience;
        bearer.TokenValidationParameters.ValidIssuer = issuer.Issuer;
        bearer.TokenValidationParameters.ValidAlgorithms =
        [
            SecurityAlgorithms.RsaSha256,
            SecurityAlgorithms.RsaSsaPssSha256,
            SecurityAlgorithms.EcdsaSha256,
            SecurityAlgorithms.EcdsaSha384,
        ];
    }
}
