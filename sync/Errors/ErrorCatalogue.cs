using System.Collections.Frozen;
using System.Text.Json;

namespace Orchestra.Sync.Errors;

/// <summary>The spelling of every code on the wire, and which are worth trying again.</summary>
public static class ErrorCatalogue
{
    private static readonly FrozenDictionary<ErrorCode, string> Names = Enum.GetValues<ErrorCode>()
        .ToFrozenDictionary(
            code => code,
            code => JsonNamingPolicy.SnakeCaseLower.ConvertName(code.ToString())
        );

    private static readonly FrozenDictionary<string, ErrorCode> Codes = Names.ToFrozenDictionary(
        pair => pair.Value,
        pair => pair.Key
    );

    private static readonly FrozenSet<ErrorCode> Retryable = new[]
    {
        ErrorCode.TokenExpired,
        ErrorCode.SequenceGap,
        ErrorCode.EpochChanged,
        ErrorCode.RateLimited,
        ErrorCode.SlowConsumer,
        ErrorCode.Overloaded,
        ErrorCode.StoreUnavailable,
        ErrorCode.Draining,
        ErrorCode.Internal,
    }.ToFrozenSet();

    public static string Name(this ErrorCode code) => Names[code];

    public static bool TryParse(string name, out ErrorCode code) =>
        Codes.TryGetValue(name, out code);

    /// <summary>Whether the same request can succeed later, after a renewal or a correction.</summary>
    public static bool IsRetryable(this ErrorCode code) => Retryable.Contains(code);
}
