using Orleans;

namespace Orchestra.Sync;

/// <summary>What kind of client; decides its priority in a tie.</summary>
public enum DeviceKind : byte
{
    Desktop,
    MobileIos,
    MobileAndroid,
    Extension,
    Web,
    Cli,
    Server,
}

/// <summary>How a device introduces itself.</summary>
[GenerateSerializer, Immutable]
public sealed record DeviceInfo(
    [property: Id(0)] DeviceId Id,
    [property: Id(1)] DeviceKind Kind,
    [property: Id(2)] string Name,
    [property: Id(3)] string App
);

/// <summary>The first verdict on a change that its device has not settled yet.</summary>
[GenerateSerializer, Immutable]
public readonly record struct RecentVerdict(
    [property: Id(0)] long Seq,
    [property: Id(1)] ChangeId Change,
    [property: Id(2)] ChangeStatus Status,
    [property: Id(3)] long? Version,
    [property: Id(4)] Errors.ErrorCode? Code
);

/// <summary>What the server knows of a device's sequence, so that nothing happens twice.</summary>
/// <param name="Device">Which device.</param>
/// <param name="LastSeq">The last seq taken; 0 = none.</param>
/// <param name="LastChange">The change under that seq.</param>
/// <param name="Recent">Verdicts above what the device has settled, in seq order.</param>
/// <param name="Replaces">The device whose identity this one gave up, and up to which seq.</param>
[GenerateSerializer, Immutable]
public sealed record DeviceCursor(
    [property: Id(0)] DeviceId Device,
    [property: Id(1)] long LastSeq,
    [property: Id(2)] ChangeId? LastChange,
    [property: Id(3)] IReadOnlyList<RecentVerdict> Recent,
    [property: Id(4)] DeviceSeq? Replaces
)
{
    public static DeviceCursor New(DeviceId device) => new(device, 0, null, [], null);
}
