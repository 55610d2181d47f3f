using System.Collections.Frozen;
using Orchestra.Sync.Errors;

namespace Orchestra.Gateway.Errors;

/// <param name="HttpStatus">What the HTTP door answers with.</param>
/// <param name="CloseCode">What a WebSocket is closed with; null = it stays open.</param>
internal readonly record struct ErrorAnswer(int HttpStatus, int? CloseCode);

/// <summary>The one table from an error code to what each door does with it.</summary>
internal static class ErrorTable
{
    /// <summary>For a socket that must end although its error alone would not end it.</summary>
    public const int PolicyViolation = 1008;

    private static readonly FrozenDictionary<ErrorCode, ErrorAnswer> Answers = new Dictionary<
        ErrorCode,
        ErrorAnswer
    >
    {
        [ErrorCode.Malformed] = new(400, null),
        [ErrorCode.UnknownMessage] = new(400, null),
        [ErrorCode.Unauthenticated] = new(401, 4401),
        [ErrorCode.TokenExpired] = new(401, 4402),
        [ErrorCode.Forbidden] = new(403, null),
        [ErrorCode.OriginRefused] = new(403, 4403),
        [ErrorCode.TokenInUrl] = new(400, 4400),
        [ErrorCode.ProtocolUnsupported] = new(400, 4406),
        [ErrorCode.DeviceRevoked] = new(403, 4410),
        [ErrorCode.DeviceForked] = new(409, null),
        [ErrorCode.DeviceLimit] = new(403, 4411),
        [ErrorCode.DeviceReplaced] = new(409, 4409),
        [ErrorCode.SequenceGap] = new(409, null),
        [ErrorCode.EpochChanged] = new(409, null),
        [ErrorCode.BatchTooLarge] = new(413, null),
        [ErrorCode.FrameTooLarge] = new(413, 1009),
        [ErrorCode.TooDeep] = new(400, null),
        [ErrorCode.UnknownEntity] = new(422, null),
        [ErrorCode.UnknownField] = new(422, null),
        [ErrorCode.ReadOnlyField] = new(422, null),
        [ErrorCode.InvalidValue] = new(422, null),
        [ErrorCode.ValueTooLarge] = new(422, null),
        [ErrorCode.RequiredField] = new(422, null),
        [ErrorCode.RowGone] = new(409, null),
        [ErrorCode.ParentMissing] = new(409, null),
        [ErrorCode.TransactionRejected] = new(409, null),
        [ErrorCode.CursorInvalid] = new(400, null),
        [ErrorCode.RateLimited] = new(429, null),
        [ErrorCode.SlowConsumer] = new(503, 4408),
        [ErrorCode.Overloaded] = new(503, null),
        [ErrorCode.StoreUnavailable] = new(503, null),
        [ErrorCode.Draining] = new(503, 1012),
        [ErrorCode.NotFound] = new(404, null),
        [ErrorCode.HashMismatch] = new(422, null),
        [ErrorCode.Internal] = new(500, null),
    }.ToFrozenDictionary();

    public static ErrorAnswer For(ErrorCode code) => Answers[code];
}
