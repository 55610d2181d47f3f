namespace Orchestra.Sync.Store;

/// <summary>Which rows of an owner a decision needs.</summary>
public sealed record RowQuery(OwnerId Owner, IReadOnlyCollection<RowNeed> Rows);

/// <param name="Key">The row.</param>
/// <param name="Base">
/// The oldest base of the changes to it; null where nobody writes it and its history is not needed.
/// </param>
/// <param name="WithDescendants">
/// Whether the rows that refer to it, and those that refer to them, are needed too: it may be
/// deleted.
/// </param>
public readonly record struct RowNeed(RowKey Key, long? Base, bool WithDescendants);

/// <summary>What the store has of a <see cref="RowQuery"/>.</summary>
/// <param name="Rows">
/// The rows asked for that exist, live or tombstones. With them, of a live one whose descendants
/// were asked for: the live rows that refer to it, transitively. Of one that is deleted: the deleted
/// rows that refer to it, transitively, and went with the same <see cref="Row.RootVersion"/>. And of
/// every deleted one among all these: the rows that it refers to, for it may come back.
/// </param>
/// <param name="Writes">
/// For each row that was written after its base: what the log has of it from the base on (the
/// base's own entry included), or everything the log has of it, if the base has no entry.
/// In version order. From before a row was made anew there may be writes that are not its own.
/// </param>
public sealed record RowSet(IReadOnlyList<Row> Rows, IReadOnlyList<PastWrite> Writes);

/// <summary>An entry of the log as conflict resolution sees it.</summary>
/// <param name="Row">The row.</param>
/// <param name="Version">The version it took.</param>
/// <param name="Stamp">Its raised stamp.</param>
/// <param name="RowEditedAt">The newest time in any stamp of the row up to then.</param>
/// <param name="Change">The change.</param>
/// <param name="Op">Whether the row was there after it.</param>
/// <param name="Won">The fields that it won.</param>
public sealed record PastWrite(
    RowKey Row,
    long Version,
    Stamp Stamp,
    DateTimeOffset RowEditedAt,
    ChangeId Change,
    LogOp Op,
    IReadOnlyCollection<string> Won
)
{
    public static PastWrite Of(LogEntry entry) =>
        new(
            entry.Row,
            entry.Version,
            entry.Stamp,
            entry.RowEditedAt,
            entry.Change,
            entry.Op,
            entry.Won ?? [.. entry.Fields.Keys]
        );
}
