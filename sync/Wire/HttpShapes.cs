using System.Text.Json.Serialization;

namespace Orchestra.Sync.Wire;

/// <summary>Answer of <c>GET /v1/conflicts</c>, newest first.</summary>
/// <param name="Conflicts">The page.</param>
/// <param name="Next">Pass it as <c>before</c> to go on; absent at the end.</param>
public sealed record WireConflicts(IReadOnlyList<WireConflict> Conflicts, string? Next = null)
    : IJsonOnDeserialized
{
    void IJsonOnDeserialized.OnDeserialized() => ListItems.Require(Conflicts);
}

public sealed record WireConflict(
    ConflictVerdict Verdict,
    string Entity,
    string Id,
    DeviceId Device,
    long Seq,
    ChangeId Change,
    ChangeOp Op,
    IReadOnlyDictionary<string, FieldValue> Fields,
    DateTimeOffset RecordedAt,
    long? Version = null,
    long? WinnerVersion = null,
    string? Code = null,
    string? Field = null
);

/// <summary>Answer of <c>GET /v1/devices</c>.</summary>
public sealed record WireDevices(IReadOnlyList<WireDeviceRow> Devices) : IJsonOnDeserialized
{
    void IJsonOnDeserialized.OnDeserialized() => ListItems.Require(Devices);
}

public sealed record WireDeviceRow(
    DeviceId Id,
    string Kind,
    string Name,
    string App,
    long Priority,
    string? RevokedAt = null
);

/// <summary>Body of <c>PATCH /v1/devices/{id}</c>; absent members stay as they are.</summary>
/// <param name="Name">1 to 120 characters.</param>
/// <param name="Priority">0 to 1000; decides ties between concurrent writes.</param>
public sealed record DevicePatch(string? Name = null, int? Priority = null);
