using Orleans;

namespace Orchestra.Sync;

/// <summary>Why a write, or part of it, is not what the owner sees.</summary>
public enum ConflictVerdict : byte
{
    /// <summary>Some of its fields lost when it arrived.</summary>
    Merged,

    /// <summary>All of it lost when it arrived.</summary>
    Superseded,

    /// <summary>It was refused.</summary>
    Rejected,

    /// <summary>It had been applied, and a concurrent later write arrived after it.</summary>
    Overwritten,
}

/// <summary>The record of a write that lost, with the values that would otherwise be gone.</summary>
/// <param name="Verdict">Why.</param>
/// <param name="Entity">The entity type's name, as sent.</param>
/// <param name="RowId">The row's id, as sent.</param>
/// <param name="Device">Who had written.</param>
/// <param name="Seq">Its seq.</param>
/// <param name="Change">Which change lost.</param>
/// <param name="Version">The version it has, unless rejected.</param>
/// <param name="WinnerVersion">The version that won over it, where one did.</param>
/// <param name="Code">For a rejection.</param>
/// <param name="Field">The field at fault, for a rejection.</param>
/// <param name="Op">What the loser meant to do.</param>
/// <param name="Fields">The losing values.</param>
/// <param name="RecordedAt">The commit that recorded it.</param>
[GenerateSerializer, Immutable]
public sealed record Conflict(
    [property: Id(0)] ConflictVerdict Verdict,
    [property: Id(1)] string Entity,
    [property: Id(2)] string RowId,
    [property: Id(3)] DeviceId Device,
    [property: Id(4)] long Seq,
    [property: Id(5)] ChangeId Change,
    [property: Id(6)] long? Version,
    [property: Id(7)] long? WinnerVersion,
    [property: Id(8)] Errors.ErrorCode? Code,
    [property: Id(9)] string? Field,
    [property: Id(10)] ChangeOp Op,
    [property: Id(11)] IReadOnlyDictionary<string, FieldValue> Fields,
    [property: Id(12)] DateTimeOffset RecordedAt
);
