using System.Collections.Frozen;

namespace Orchestra.Sync.Errors;

/// <summary>The spelling of every code on the wire, and which are worth trying again.</summary>
public static class ErrorCatalogue
{
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

    public static string Name(this ErrorCode code) => EnumNames<ErrorCode>.Write(code);

    public static bool TryParse(string name, out ErrorCode code) =>
        EnumNames<ErrorCode>.TryRead(name, out code);

    /// <summary>Whether the same request can succeed later, after a renewal or a correction.</summary>
    public static bool IsRetryable(this ErrorCode code) => Retryable.Contains(code);
}
