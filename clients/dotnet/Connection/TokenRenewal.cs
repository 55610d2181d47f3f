using System.Text.Json;
using Orchestra.Client.Outbox;
using Orchestra.Sync.Wire;

namespace Orchestra.Client.Connection;

/// <summary>
/// Hands the server a new token before the old one expires, so that a connection outlives its first.
/// </summary>
internal sealed class TokenRenewal(
    IMessageChannel channel,
    Func<CancellationToken, Task<string>> fetch,
    ServerClock clock,
    string first
)
{
    /// <summary>A new one is fetched when so much of the old one's time is over.</summary>
    private const double Spent = 0.8;

    private DateTimeOffset? due = DueAt(first, clock.Now());

    /// <summary>Never, for a token that does not say when it expires.</summary>
    public bool IsDue => due <= clock.Now();

    public async Task RenewAsync(CancellationToken cancel)
    {
        var token = await fetch(cancel);
        due = DueAt(token, clock.Now());
        await channel.SendAsync(new TokenMessage(token), cancel);
    }

    /// <summary>By the <c>exp</c> of a JWT, in seconds since 1970. Only the server checks the rest.</summary>
    private static DateTimeOffset? DueAt(string token, DateTimeOffset now)
    {
        if (token.Split('.') is not [_, var payload, _])
            return null;
        try
        {
            using var claims = JsonDocument.Parse(Decode(payload));
            if (!claims.RootElement.TryGetProperty("exp", out var exp))
                return null;
            var left = DateTimeOffset.FromUnixTimeSeconds(exp.GetInt64()) - now;
            return left > TimeSpan.Zero ? now + (left * Spent) : null;
        }
        catch (Exception e)
            when (e
                    is FormatException
                        or JsonException
                        or InvalidOperationException
                        or ArgumentOutOfRangeException
            )
        {
            return null;
        }
    }

    private static byte[] Decode(string base64Url)
    {
        var text = base64Url.Replace('-', '+').Replace('_', '/');
        return Convert.FromBase64String(text.PadRight((text.Length + 3) / 4 * 4, '='));
    }
}
