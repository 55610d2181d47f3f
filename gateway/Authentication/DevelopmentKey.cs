using System.Security.Cryptography;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;
using Orchestra.Sync;

namespace Orchestra.Gateway.Authentication;

/// <summary>
/// Signs tokens on a developer's machine, where no identity provider is. Kept in a file, so that
/// tokens outlive a restart.
/// </summary>
internal sealed class DevelopmentKey
{
    private const string Name = "orchestra-development";
    private const int KeyBytes = 32;
    private static readonly TimeSpan Lifetime = TimeSpan.FromDays(30);

    private readonly SymmetricSecurityKey key;

    private DevelopmentKey(byte[] secret) => key = new SymmetricSecurityKey(secret);

    /// <summary>Reads the key, or makes one that only the file's owner can read.</summary>
    public static DevelopmentKey Open(string file)
    {
        if (!File.Exists(file))
            Create(file);
        return new DevelopmentKey(File.ReadAllBytes(file));
    }

    public void Trust(TokenValidationParameters parameters)
    {
        parameters.IssuerSigningKey = key;
        parameters.ValidIssuer = Name;
        parameters.ValidAudience = Name;
        parameters.ValidAlgorithms = [SecurityAlgorithms.HmacSha256];
    }

    /// <param name="user">The subject.</param>
    /// <param name="scope">What else it is good for, names with blanks between; null = nothing.</param>
    /// <param name="now">When.</param>
    public string Issue(OwnerId user, string? scope, DateTimeOffset now) =>
        new JsonWebTokenHandler().CreateToken(
            new SecurityTokenDescriptor
            {
                Issuer = Name,
                Audience = Name,
                Claims = Claims(user, scope),
                IssuedAt = now.UtcDateTime,
                NotBefore = now.UtcDateTime,
                Expires = (now + Lifetime).UtcDateTime,
                SigningCredentials = new SigningCredentials(key, SecurityAlgorithms.HmacSha256),
            }
        );

    private static Dictionary<string, object> Claims(OwnerId user, string? scope)
    {
        var claims = new Dictionary<string, object> { ["sub"] = user.ToString() };
        if (scope is not null)
            claims["scope"] = scope;
        return claims;
    }

    private static void Create(string file)
    {
        var options = new FileStreamOptions
        {
            Mode = FileMode.CreateNew,
            Access = FileAccess.Write,
        };
        if (!OperatingSystem.IsWindows())
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        using var stream = new FileStream(file, options);
        stream.Write(RandomNumberGenerator.GetBytes(KeyBytes));
    }
}
