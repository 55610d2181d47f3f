using Orchestra.Sync;

namespace Orchestra.Client;

/// <summary>A change of this device that lost, wholly or in part.</summary>
/// <param name="Change">Which change.</param>
/// <param name="Verdict">Why.</param>
/// <param name="Entity">The entity type.</param>
/// <param name="RowId">The row.</param>
/// <param name="Op">What it meant to do.</param>
/// <param name="Version">The version it has, unless rejected.</param>
/// <param name="Code">For a rejection: from the catalogue in docs/protocol.md.</param>
/// <param name="Message">For a rejection: a sentence.</param>
/// <param name="Field">For a rejection: the field at fault, if one is.</param>
/// <param name="Fields">The values that lost.</param>
/// <param name="Winning">The values that won, where the server said them.</param>
public sealed record LocalConflict(
    ChangeId Change,
    ConflictVerdict Verdict,
    string Entity,
    string RowId,
    ChangeOp Op,
    long? Version,
    string? Code,
    string? Message,
    string? Field,
    IReadOnlyDictionary<string, FieldValue> Fields,
    IReadOnlyDictionary<string, FieldValue>? Winning
)
{
    /// <summary>What writes the lost values again.</summary>
    internal Edit ToEdit() =>
        Op is ChangeOp.Delete or ChangeOp.OfferDelete
            ? Edit.Delete(Entity, Guid.Parse(RowId))
            : Edit.Put(Entity, Guid.Parse(RowId), Fields);
}
