using Orchestra.Sync.Errors;
using Orleans;

namespace Orchestra.Sync;

/// <summary>What became of a change. Losing a conflict is an outcome, not an error.</summary>
public enum ChangeStatus : byte
{
    /// <summary>Took effect as sent.</summary>
    Applied,

    /// <summary>Some fields lost to a concurrent later write.</summary>
    Merged,

    /// <summary>Nothing of it is visible; it still took a version.</summary>
    Superseded,

    /// <summary>Known already; the first verdict is repeated.</summary>
    Duplicate,

    /// <summary>Took no version; its seq is consumed all the same.</summary>
    Rejected,

    /// <summary>A void: its seq is consumed, nothing else.</summary>
    Void,
}

/// <summary>Why a change was rejected, in the client's terms.</summary>
/// <param name="Code">From the catalogue.</param>
/// <param name="Message">A sentence for the developer of the app; names no internals.</param>
/// <param name="Field">The field or member at fault, if one is.</param>
[GenerateSerializer, Immutable]
public sealed record Rejection(
    [property: Id(0)] ErrorCode Code,
    [property: Id(1)] string Message,
    [property: Id(2)] string? Field = null
);

/// <summary>The answer to one change of a push.</summary>
/// <param name="Seq">The seq it was sent under.</param>
/// <param name="Status">What became of it.</param>
/// <param name="Version">The version it took; null when rejected or void.</param>
/// <param name="Fields">When fields were lost: the winning values of those.</param>
/// <param name="Was">For a duplicate: the first verdict.</param>
/// <param name="Rejection">When <see cref="ChangeStatus.Rejected"/>, or a duplicate of one.</param>
[GenerateSerializer, Immutable]
public sealed record Verdict(
    [property: Id(0)] long Seq,
    [property: Id(1)] ChangeStatus Status,
    [property: Id(2)] long? Version = null,
    [property: Id(3)] IReadOnlyDictionary<string, FieldValue>? Fields = null,
    [property: Id(4)] ChangeStatus? Was = null,
    [property: Id(5)] Rejection? Rejection = null
);
