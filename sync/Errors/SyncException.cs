using Orleans;

namespace Orchestra.Sync.Errors;

/// <summary>
/// A request failed as a whole. The one exception that crosses rooms; its message is for the app's
/// developer and names no internals.
/// </summary>
[GenerateSerializer]
public sealed class SyncException : Exception
{
    public SyncException(ErrorCode code, string message, string? field = null)
        : base(message)
    {
        Code = code;
        Field = field;
    }

    public SyncException(ErrorCode code, string message, Exception inner)
        : base(message, inner)
    {
        Code = code;
    }

    [Id(0)]
    public ErrorCode Code { get; }

    /// <summary>The member of the request at fault, if one is.</summary>
    [Id(1)]
    public string? Field { get; }

    /// <summary>For <see cref="ErrorCode.SequenceGap"/>: the seq that was due.</summary>
    [Id(2)]
    public long? ExpectedSeq { get; init; }

    /// <summary>When to try again, if the server has a wish.</summary>
    [Id(3)]
    public TimeSpan? RetryAfter { get; init; }
}
