using Orchestra.Sync;
using Orchestra.Sync.Wire;

namespace Orchestra.Client.Outbox;

/// <summary>A change of this device that the server has not both answered and delivered.</summary>
/// <param name="Position">Its place in the order in which the changes were made.</param>
/// <param name="Id">The change's identity.</param>
/// <param name="Seq">Null until just before it is first sent.</param>
/// <param name="Entity">The entity type.</param>
/// <param name="RowId">The row.</param>
/// <param name="Op">What it does.</param>
/// <param name="Base">The row's version from the server when the edit was made.</param>
/// <param name="Fields">What it writes.</param>
/// <param name="Tx">Changes with the same number stand or fall together.</param>
/// <param name="Made">When.</param>
internal sealed record OutboxChange(
    long Position,
    ChangeId Id,
    long? Seq,
    string Entity,
    string RowId,
    ChangeOp Op,
    long Base,
    IReadOnlyDictionary<string, FieldValue> Fields,
    long? Tx,
    EditTime Made
)
{
    /// <summary>The (device, seq) pairs it was sent under before it was numbered anew.</summary>
    public IReadOnlyList<WireDeviceSeq> First { get; init; } = [];

    public WireChange ToWire(EditClock clock) =>
        Op == ChangeOp.Void
            ? new WireChange(Seq!.Value, Id, Op)
            : new WireChange(
                Seq!.Value,
                Id,
                Op,
                Entity,
                RowId,
                Base,
                clock.AgeMs(Made),
                Tx,
                Op is ChangeOp.Delete or ChangeOp.OfferDelete
                    ? null
                    : new Dictionary<string, FieldValue>(Fields),
                First.Count == 0 ? null : First
            );
}
