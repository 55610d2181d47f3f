using Orchestra.Sync;
using Orchestra.Sync.Wire;

namespace Orchestra.TestKit.Simulation.Devices;

/// <summary>A change as its device sent it, the first time.</summary>
internal sealed record SentEdit(DeviceId Device, WireChange Change);

/// <summary>What a device was told of a change, the first verdict where it is a repetition.</summary>
internal sealed record HeardVerdict(
    ChangeId Change,
    long Epoch,
    ChangeStatus Status,
    long? Version,
    string? Code
);

/// <summary>Where a device was, each time it said so.</summary>
/// <param name="Device">Its name.</param>
/// <param name="Epoch">Its history.</param>
/// <param name="Version">How far.</param>
/// <param name="IsReset">Whether it began anew since the last time.</param>
internal sealed record Progress(string Device, long Epoch, long Version, bool IsReset);

/// <summary>A tombstone that was collected.</summary>
/// <param name="Row">The row.</param>
/// <param name="Head">The head at that moment.</param>
internal readonly record struct Collected(RowKey Row, long Head);

/// <summary>The log was dropped up to a version.</summary>
/// <param name="Horizon">Up to here.</param>
/// <param name="Head">The head at that moment.</param>
internal readonly record struct DroppedLog(long Horizon, long Head);

/// <summary>What passed between an owner's devices and the server, for the checkers.</summary>
internal sealed record Observations
{
    public Dictionary<ChangeId, SentEdit> Sent { get; init; } = [];

    public List<HeardVerdict> Verdicts { get; init; } = [];

    public List<Progress> Progress { get; init; } = [];

    public List<Collected> Collected { get; init; } = [];

    public List<DroppedLog> Dropped { get; init; } = [];
}
