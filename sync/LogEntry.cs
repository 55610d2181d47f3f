using Orleans;

namespace Orchestra.Sync;

/// <summary>What an entry of the log says of its row.</summary>
public enum LogOp : byte
{
    /// <summary>Present after it, as before; <c>Fields</c> holds what it wrote.</summary>
    Put,

    /// <summary>Absent after it.</summary>
    Delete,

    /// <summary>Present again after it; <c>Fields</c> holds the whole row.</summary>
    Revive,
}

/// <summary>One version of an owner's history.</summary>
/// <param name="Version">The owner's counter.</param>
/// <param name="Row">The row it is about.</param>
/// <param name="Op">Whether the row is there after it.</param>
/// <param name="Stamp">The raised stamp of the write.</param>
/// <param name="RowEditedAt">The newest time in any stamp of the row so far, this one included.</param>
/// <param name="Change">The change; a cascade carries its root's.</param>
/// <param name="RootVersion">For a cascade: the version of the change that caused it.</param>
/// <param name="TxEnd">The last version of the transaction it belongs to, if any.</param>
/// <param name="Fields">The values that won; the whole row for <see cref="LogOp.Revive"/>.</param>
/// <param name="Won">The fields that this write won, where those are not all of <c>Fields</c>.</param>
/// <param name="CreatedAt">When it was committed, by the owner's clock.</param>
[GenerateSerializer, Immutable]
public sealed record LogEntry(
    [property: Id(0)] long Version,
    [property: Id(1)] RowKey Row,
    [property: Id(2)] LogOp Op,
    [property: Id(3)] Stamp Stamp,
    [property: Id(4)] DateTimeOffset RowEditedAt,
    [property: Id(5)] ChangeId Change,
    [property: Id(6)] long? RootVersion,
    [property: Id(7)] long? TxEnd,
    [property: Id(8)] IReadOnlyDictionary<string, FieldValue> Fields,
    [property: Id(9)] IReadOnlyList<string>? Won,
    [property: Id(10)] DateTimeOffset CreatedAt
);
