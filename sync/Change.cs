using Orleans;

namespace Orchestra.Sync;

/// <summary>What a change does to its row.</summary>
public enum ChangeOp : byte
{
    /// <summary>Carries all fields; on a row that exists, an update of them all.</summary>
    Create,

    /// <summary>Carries the fields that changed.</summary>
    Update,

    /// <summary>Carries none.</summary>
    Delete,

    /// <summary>Only consumes its seq, in place of a change that could not be sent.</summary>
    Void,

    /// <summary>Gives back a row that a restored server lost. Knows nothing, is never raised.</summary>
    Offer,

    /// <summary>Gives back a deletion that a restored server lost.</summary>
    OfferDelete,
}

/// <summary>
/// One change as a device sent it: well-formed, not yet checked against the entity catalog.
/// </summary>
/// <param name="Seq">The device's own counter, from 1, without gaps.</param>
/// <param name="Id">The change's identity, whatever its seq.</param>
/// <param name="Entity">The entity type's name, as sent.</param>
/// <param name="RowId">The row's id, as sent.</param>
/// <param name="Op">What it does.</param>
/// <param name="Base">The row's version that the device had applied when it edited; 0 = none.</param>
/// <param name="AgeMs">How long ago the edit was made, milliseconds.</param>
/// <param name="Fields">Field name → value; empty for delete and void.</param>
/// <param name="Tx">Changes with the same number, side by side, stand or fall together.</param>
/// <param name="First">Every (device, seq) it was sent under before its device was renewed.</param>
[GenerateSerializer, Immutable]
public sealed record Change(
    [property: Id(0)] long Seq,
    [property: Id(1)] ChangeId Id,
    [property: Id(2)] string Entity,
    [property: Id(3)] string RowId,
    [property: Id(4)] ChangeOp Op,
    [property: Id(5)] long Base,
    [property: Id(6)] long AgeMs,
    [property: Id(7)] IReadOnlyDictionary<string, FieldValue> Fields,
    [property: Id(8)] long? Tx = null,
    [property: Id(9)] IReadOnlyList<DeviceSeq>? First = null
)
{
    public static readonly IReadOnlyDictionary<string, FieldValue> NoFields =
        new Dictionary<string, FieldValue>();
}
