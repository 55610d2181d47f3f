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

/// <summary>The store was restored from a backup.</summary>
/// <param name="Epoch">The history that began then.</param>
/// <param name="Kept">How much of the one before it stands.</param>
/// <param name="Held">Rows above that which some device had at that moment.</param>
internal sealed record Restored(long Epoch, long Kept, IReadOnlyCollection<RowKey> Held);

/// <summary>What passed between an owner's devices and the server, for the checkers.</summary>
internal sealed record Observations
{
    public Dictionary<ChangeId, SentEdit> Sent { get; init; } = [];

    public List<HeardVerdict> Verdicts { get; init; } = [];

    public List<Progress> Progress { get; init; } = [];

    public List<Collected> Collected { get; init; } = [];

    public List<DroppedLog> Dropped { get; init; } = [];

    public List<Restored> Restores { get; init; } = [];

    /// <summary>Devices that were another before, or became another.</summary>
    public HashSet<DeviceId> Renewed { get; init; } = [];

    /// <summary>Whether what was said in an epoch, of a version, still stands.</summary>
    public bool Stands(long epoch, long version) =>
        Restores.TrueForAll(restored => restored.Epoch <= epoch || version <= restored.Kept);
}
