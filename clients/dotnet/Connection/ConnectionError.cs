using System.Net.WebSockets;
using Orchestra.Sync.Errors;
using Orchestra.Sync.Wire;

namespace Orchestra.Client.Connection;

/// <summary>Which errors end what.</summary>
internal static class ConnectionError
{
    /// <summary>Connecting again would end the same way until somebody does something.</summary>
    public static bool IsFinal(ErrorCode code) =>
        code
            is ErrorCode.Unauthenticated
                or ErrorCode.Forbidden
                or ErrorCode.OriginRefused
                or ErrorCode.TokenInUrl
                or ErrorCode.ProtocolUnsupported
                or ErrorCode.DeviceRevoked
                or ErrorCode.DeviceForked
                or ErrorCode.DeviceLimit
                or ErrorCode.DeviceReplaced
                or ErrorCode.CursorInvalid
                or ErrorCode.NotFound;

    /// <summary>Whether the same can succeed later without anybody's doing.</summary>
    public static bool IsTransient(Exception error) =>
        error switch
        {
            SyncException sync => !IsFinal(sync.Code),
            WebSocketException or HttpRequestException or IOException or TimeoutException => true,
            // How HttpClient says that its patience ended.
            TaskCanceledException { InnerException: TimeoutException } => true,
            _ => false,
        };

    /// <summary>Whether the server closed because a message was more than it takes.</summary>
    public static bool IsRefusal(WebSocketCloseStatus? status) =>
        status
            is WebSocketCloseStatus.MessageTooBig
                or WebSocketCloseStatus.InvalidPayloadData
                or WebSocketCloseStatus.InvalidMessageType;

    public static SyncException From(ErrorMessage error) =>
        new(
            ErrorCatalogue.TryParse(error.Code, out var code) ? code : ErrorCode.Internal,
            error.Message,
            error.Field
        )
        {
            ExpectedSeq = error.Expected,
            RetryAfter = error.RetryAfterMs is { } wait ? TimeSpan.FromMilliseconds(wait) : null,
        };

    /// <summary>A refusal as a socket would have brought it.</summary>
    public static ErrorMessage ToMessage(SyncException refusal, long? about) =>
        new(
            refusal.Code.Name(),
            refusal.Code.IsRetryable(),
            refusal.Message,
            refusal.Field,
            RetryAfterMs: (long?)refusal.RetryAfter?.TotalMilliseconds,
            Expected: refusal.ExpectedSeq,
            Ref: about
        );
}
