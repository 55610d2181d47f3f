using Orchestra.Sync;
using Orchestra.Sync.Store;
using Orleans;
using Orleans.Runtime;

namespace Orchestra.Grains.Interfaces;

/// <summary>What a device learns when it arrives.</summary>
/// <param name="Head">The owner's counters.</param>
/// <param name="Priority">The device's, in ties.</param>
/// <param name="LastSeq">The last seq taken from it; 0 = none.</param>
/// <param name="LastChange">The change under that seq.</param>
/// <param name="CatalogHash">Of the catalog the store has now.</param>
[GenerateSerializer, Immutable]
public sealed record Session(
    [property: Id(0)] OwnerHead Head,
    [property: Id(1)] int Priority,
    [property: Id(2)] long LastSeq,
    [property: Id(3)] ChangeId? LastChange,
    [property: Id(4)] string CatalogHash
);

/// <summary>What a gateway learns when it begins to listen.</summary>
/// <param name="Head">The owner's counters.</param>
/// <param name="Host">The silo that the grain is on.</param>
[GenerateSerializer, Immutable]
public sealed record Subscription(
    [property: Id(0)] OwnerHead Head,
    [property: Id(1)] SiloAddress Host
);

/// <summary>An owner as operators see him.</summary>
/// <param name="Record">Counters, sequences and devices.</param>
/// <param name="Acks">How far each device was when it last said so.</param>
[GenerateSerializer, Immutable]
public sealed record OwnerView(
    [property: Id(0)] OwnerRecord Record,
    [property: Id(1)] IReadOnlyList<DeviceAck> Acks
);

/// <summary>A device's changes, in seq order.</summary>
/// <param name="Device">Who sends. It has a session, or had one.</param>
/// <param name="Epoch">The history it believes in.</param>
/// <param name="Settled">Verdicts up to this seq need not be kept.</param>
/// <param name="Changes">1 to <see cref="Limits.PushChanges"/>.</param>
/// <param name="Replaces">The identity the device gave up, on its first push.</param>
[GenerateSerializer, Immutable]
public sealed record Push(
    [property: Id(0)] DeviceId Device,
    [property: Id(1)] long Epoch,
    [property: Id(2)] long Settled,
    [property: Id(3)] IReadOnlyList<Change> Changes,
    [property: Id(4)] DeviceSeq? Replaces
);
