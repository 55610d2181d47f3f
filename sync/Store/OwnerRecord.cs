namespace Orchestra.Sync.Store;

/// <summary>What a grain loads when it wakes.</summary>
/// <param name="Head">The counters.</param>
/// <param name="Cursors">Every device's sequence.</param>
/// <param name="Devices">The rows of the entity type <c>devices</c>, revoked ones included.</param>
[Orleans.GenerateSerializer, Orleans.Immutable]
public sealed record OwnerRecord(
    [property: Orleans.Id(0)] OwnerHead Head,
    [property: Orleans.Id(1)] IReadOnlyList<DeviceCursor> Cursors,
    [property: Orleans.Id(2)] IReadOnlyList<Row> Devices
);

/// <summary>An epoch's beginning: what of the history before it still stood.</summary>
/// <param name="Epoch">The epoch that began.</param>
/// <param name="Kept">The last version of the earlier history that it kept.</param>
public readonly record struct EpochStart(long Epoch, long Kept);

/// <param name="Owner">Whose history.</param>
/// <param name="Device">Which device.</param>
/// <param name="Version">Applied and durable there.</param>
/// <param name="SeenAt">When it said so.</param>
[Orleans.GenerateSerializer, Orleans.Immutable]
public readonly record struct DeviceAck(
    [property: Orleans.Id(0)] OwnerId Owner,
    [property: Orleans.Id(1)] DeviceId Device,
    [property: Orleans.Id(2)] long Version,
    [property: Orleans.Id(3)] DateTimeOffset SeenAt
);

/// <param name="At">The head when it was computed.</param>
/// <param name="Digest">XOR over the live rows.</param>
/// <param name="Rows">How many.</param>
[Orleans.GenerateSerializer, Orleans.Immutable]
public sealed record Verified(
    [property: Orleans.Id(0)] long At,
    [property: Orleans.Id(1)] ulong Digest,
    [property: Orleans.Id(2)] long Rows
);
