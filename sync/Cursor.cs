using Orleans;

namespace Orchestra.Sync;

/// <summary>How far a device has applied an owner's history.</summary>
/// <param name="Epoch">Which history.</param>
/// <param name="Version">The last version applied; 0 = nothing yet.</param>
/// <param name="Mark">The change id at that version; null matches anything.</param>
/// <param name="Floor">Set while row frames are under way: see <c>docs/protocol.md</c>, Frames.</param>
[GenerateSerializer, Immutable]
public sealed record Cursor(
    [property: Id(0)] long Epoch,
    [property: Id(1)] long Version,
    [property: Id(2)] ChangeId? Mark,
    [property: Id(3)] long? Floor
)
{
    /// <summary>Where a device without data starts.</summary>
    public static Cursor Start(long epoch) => new(epoch, 0, null, null);
}

/// <summary>Why a device must drop its server rows and start anew.</summary>
public enum ResetReason : byte
{
    EpochChanged,
    HistoryDiffers,
    TombstonesCollected,
    DigestMismatch,
}

/// <param name="Epoch">The history that counts now.</param>
/// <param name="Kept">The last version of the cursor's history that still stands; 0 = unknown.</param>
/// <param name="Reason">What was wrong with the cursor.</param>
[GenerateSerializer, Immutable]
public sealed record Reset(
    [property: Id(0)] long Epoch,
    [property: Id(1)] long Kept,
    [property: Id(2)] ResetReason Reason
);
