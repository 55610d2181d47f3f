using Orleans;

namespace Orchestra.Sync.Store;

/// <param name="Owner">Whose history.</param>
/// <param name="Cursor">Where the device is.</param>
/// <param name="MaxEntries">Entries in the page, 1 or more.</param>
/// <param name="MaxBytes">The page's size as JSON, roughly; at least one entry is returned.</param>
/// <param name="Entities">Only these entity types; null = all.</param>
[GenerateSerializer, Immutable]
public sealed record ReadQuery(
    [property: Id(0)] OwnerId Owner,
    [property: Id(1)] Cursor Cursor,
    [property: Id(2)] int MaxEntries,
    [property: Id(3)] int MaxBytes,
    [property: Id(4)] IReadOnlyList<string>? Entities
);

/// <summary>Either a page or the reason why there is none: exactly one is set.</summary>
[GenerateSerializer, Immutable]
public sealed record ReadOutcome(
    [property: Id(0)] ChangesPage? Page,
    [property: Id(1)] Reset? Reset
);

/// <summary>What was written in (From, To], completely.</summary>
/// <param name="Epoch">Which history.</param>
/// <param name="From">The cursor's version.</param>
/// <param name="To">Where the device is after applying it.</param>
/// <param name="Mark">The change id at <paramref name="To"/>; null where the log no longer has it.</param>
/// <param name="More">Whether the head is further on.</param>
/// <param name="Floor">Set on pages of rows, see docs/protocol.md, Frames.</param>
/// <param name="Digest">The owner's digest, where <paramref name="To"/> is the head.</param>
/// <param name="Rows">How many live rows the owner has, likewise, and on pages of all types' rows.</param>
/// <param name="Head">The head of the snapshot the page was read from.</param>
/// <param name="Entries">In version order.</param>
[GenerateSerializer, Immutable]
public sealed record ChangesPage(
    [property: Id(0)] long Epoch,
    [property: Id(1)] long From,
    [property: Id(2)] long To,
    [property: Id(3)] ChangeId? Mark,
    [property: Id(4)] bool More,
    [property: Id(5)] long? Floor,
    [property: Id(6)] ulong? Digest,
    [property: Id(7)] long? Rows,
    [property: Id(8)] long Head,
    [property: Id(9)] IReadOnlyList<PageEntry> Entries
);

/// <summary>One row's news.</summary>
/// <param name="Version">The row's version after it.</param>
/// <param name="Row">The row.</param>
/// <param name="Present">Whether it is there.</param>
/// <param name="Fields">What was written, or the whole row.</param>
/// <param name="Device">Who wrote last.</param>
/// <param name="EditedAt">The stamp's time.</param>
/// <param name="Seq">The writer's seq, where the entry is exactly one change of a device.</param>
/// <param name="Change">The change's id, likewise.</param>
[GenerateSerializer, Immutable]
public sealed record PageEntry(
    [property: Id(0)] long Version,
    [property: Id(1)] RowKey Row,
    [property: Id(2)] bool Present,
    [property: Id(3)] IReadOnlyDictionary<string, FieldValue> Fields,
    [property: Id(4)] DeviceId Device,
    [property: Id(5)] DateTimeOffset EditedAt,
    [property: Id(6)] long? Seq,
    [property: Id(7)] ChangeId? Change
);

/// <summary>Where a conflict stands in the order of recording.</summary>
[GenerateSerializer, Immutable]
public readonly record struct ConflictPosition(
    [property: Id(0)] long CommitNo,
    [property: Id(1)] int Ordinal
);

/// <param name="Conflicts">Newest first.</param>
/// <param name="Next">Where the next page begins; null at the end.</param>
[GenerateSerializer, Immutable]
public sealed record ConflictPage(
    [property: Id(0)] IReadOnlyList<Conflict> Conflicts,
    [property: Id(1)] ConflictPosition? Next
);
