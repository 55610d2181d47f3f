namespace Orchestra.Sync.Store;

/// <summary>One owner's decided changes: they become true together or not at all.</summary>
/// <param name="Owner">Whose.</param>
/// <param name="ExpectedCommitNo">The fence; 0 = the owner must not exist yet.</param>
/// <param name="Head">The head afterwards; its commit number is one above the expected.</param>
/// <param name="Rows">One write a row, parents before children.</param>
/// <param name="Log">Versions without a gap, ending at the head's.</param>
/// <param name="Cursors">The devices whose sequence moved.</param>
/// <param name="Conflicts">What lost.</param>
public sealed record OwnerCommit(
    OwnerId Owner,
    long ExpectedCommitNo,
    OwnerHead Head,
    IReadOnlyList<RowWrite> Rows,
    IReadOnlyList<LogEntry> Log,
    IReadOnlyList<DeviceCursor> Cursors,
    IReadOnlyList<Conflict> Conflicts
);

/// <param name="After">The row as it shall be.</param>
/// <param name="IsNew">Whether the store has no row or tombstone of that key.</param>
/// <param name="ChangedFields">The fields to write when it is not new.</param>
public sealed record RowWrite(Row After, bool IsNew, IReadOnlyCollection<string> ChangedFields);

public enum CommitOutcome
{
    /// <summary>Durable.</summary>
    Committed,

    /// <summary>Somebody else committed for the owner; nothing of this one is there.</summary>
    FenceLost,

    /// <summary>The owner's head is locked; nothing happened, try again.</summary>
    Busy,

    /// <summary>The store cannot hold what this commit carries; nothing of it is there.</summary>
    Refused,

    /// <summary>The connection died around the commit: it may have happened.</summary>
    Unknown,
}
