using Orchestra.Sync;
using Orleans;

namespace Orchestra.Grains.Interfaces;

/// <summary>What operators are told of.</summary>
public enum OperatorEventKind : byte
{
    /// <summary>Something is durable now.</summary>
    Commit,

    /// <summary>Writes that lost, some of their fields or all.</summary>
    Conflict,

    /// <summary>Changes, or a whole push, were refused.</summary>
    Rejection,

    /// <summary>A commit did not take effect and was decided again.</summary>
    LostFence,

    /// <summary>A device was told to start anew.</summary>
    Reset,
}

/// <summary>
/// Something that happened to an owner, for those who watch the cluster. It says who and how much,
/// and never what was written.
/// </summary>
/// <param name="At">When, by the clock of the silo that saw it.</param>
/// <param name="Kind">What.</param>
/// <param name="Owner">To whom.</param>
/// <param name="Device">Who wrote; null if several did, or if nobody knows.</param>
/// <param name="Entity">The entity type's name, for a conflict.</param>
/// <param name="Detail">
/// In snake_case: a conflict's verdict, a rejection's error code, what became of a commit that lost,
/// a reset's reason. Null for a commit.
/// </param>
/// <param name="From">The first version a commit wrote; null if it wrote none.</param>
/// <param name="To">The last, likewise.</param>
/// <param name="Count">Versions of a commit, otherwise changes; 0 where nothing is counted.</param>
[GenerateSerializer, Immutable]
public sealed record OperatorEvent(
    [property: Id(0)] DateTimeOffset At,
    [property: Id(1)] OperatorEventKind Kind,
    [property: Id(2)] OwnerId Owner,
    [property: Id(3)] DeviceId? Device = null,
    [property: Id(4)] string? Entity = null,
    [property: Id(5)] string? Detail = null,
    [property: Id(6)] long? From = null,
    [property: Id(7)] long? To = null,
    [property: Id(8)] int Count = 0
);

/// <summary>What one silo saw since its last batch.</summary>
/// <param name="Events">In the order in which they happened there.</param>
/// <param name="Dropped">How many were lost before these: more happened than is kept.</param>
[GenerateSerializer, Immutable]
public sealed record OperatorEventBatch(
    [property: Id(0)] IReadOnlyList<OperatorEvent> Events,
    [property: Id(1)] long Dropped
);
