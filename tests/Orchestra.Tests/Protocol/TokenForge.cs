using System.Security.Cryptography;
using System.Text;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;
using Orchestra.Sync;
using Orchestra.TestKit.Silos;

namespace Orchestra.Tests.Protocol;

/// <summary>
/// Makes tokens that the development key could have signed: good as they are made, and each wrong in
/// the one way that a test asks for.
/// </summary>
internal sealed class TokenForge(IServerUnderTest silo, DateTimeOffset now)
{
    private const string Name = "orchestra-development";

    private readonly SymmetricSecurityKey key = new(File.ReadAllBytes(silo.DevelopmentKeyFile));

    public string Make(OwnerId owner, Action<SecurityTokenDescriptor>? spoil = null) =>
        Make($"{owner}", spoil);

    public string Make(object? subject, Action<SecurityTokenDescriptor>? spoil = null)
    {
        var token = new SecurityTokenDescriptor
        {
            Issuer = Name,
            Audience = Name,
            Claims = new Dictionary<string, object>(),
            IssuedAt = now.UtcDateTime,
            NotBefore = now.UtcDateTime,
            Expires = now.AddHours(1).UtcDateTime,
            SigningCredentials = new(key, SecurityAlgorithms.HmacSha256),
        };
        if (subject is not null)
            token.Claims["sub"] = subject;
        spoil?.Invoke(token);
        var handler = new JsonWebTokenHandler { SetDefaultTimesOnTokenCreation = false };
        return handler.CreateToken(token);
    }

    /// <summary>Signed by the right key with an algorithm that is not asked for.</summary>
    public string MakeHs512(OwnerId owner)
    {
        var header = Base64UrlEncoder.Encode("""{"alg":"HS512","typ":"JWT"}""");
        var signed = $"{header}.{Make(owner).Split('.')[1]}";
        var signature = HMACSHA512.HashData(key.Key, Encoding.ASCII.GetBytes(signed));
        return $"{signed}.{Base64UrlEncoder.Encode(signature)}";
    }
}
