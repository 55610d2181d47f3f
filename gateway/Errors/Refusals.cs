using Orchestra.Sync;
using Orchestra.Sync.Errors;

namespace Orchestra.Gateway.Errors;

/// <summary>
/// The refusals that more than one place gives. Each has one text, so that nothing can be learnt
/// from how it is worded.
/// </summary>
internal static class Refusals
{
    public static SyncException Unauthenticated() =>
        new(ErrorCode.Unauthenticated, "A valid access token is needed");

    public static SyncException Forbidden() =>
        new(ErrorCode.Forbidden, "The token does not give access to that owner", "owner");

    public static SyncException FrameTooLarge() =>
        new(ErrorCode.FrameTooLarge, $"A message may have {Limits.FrameBytes} bytes");

    public static SyncException DeviceRevoked() =>
        new(ErrorCode.DeviceRevoked, "This device has been revoked");

    public static SyncException NoSuchDevice() =>
        new(ErrorCode.NotFound, "There is no such device");

    public static SyncException NoSuchOwner() => new(ErrorCode.NotFound, "An owner is a UUID");

    /// <summary>Those who are told so come back at different times.</summary>
    public static SyncException Full(string why) =>
        new(ErrorCode.Overloaded, why) { RetryAfter = Spread.Next() };

    public static SyncException SlowConsumer() =>
        new(ErrorCode.SlowConsumer, "Nothing that was sent has been acknowledged for too long");

    public static SyncException Draining() =>
        new(ErrorCode.Draining, "This server is going away; connect again")
        {
            RetryAfter = TimeSpan.FromSeconds(1),
        };
}
