using System.Security.Cryptography;

namespace Orchestra.Gateway.Errors;

/// <summary>When to come back: for each at another moment, so that not all come at once.</summary>
internal static class Spread
{
    private const int SoonestMs = 200;
    private const int LatestMs = 5_000;

    public static TimeSpan Next() =>
        TimeSpan.FromMilliseconds(RandomNumberGenerator.GetInt32(SoonestMs, LatestMs));
}
