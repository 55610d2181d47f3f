namespace Orchestra.TestKit.Simulation;

/// <summary>
/// Mistakes that somebody could make, put in on purpose: the simulator has to notice each. Where
/// each is made stands in docs/properties.md.
/// </summary>
public enum SeededBug
{
    None,
    NoFence,
    AcknowledgeBeforeCommit,
    DedupeInMemoryOnly,
    CursorSavedBeforeRows,
    WinnerByArrival,
    TombstonesCollectedTooEarly,
    PublishBeforeCommit,
    MissingGapDetection,
    PriorityReadLive,
    BaseIgnored,
    OutboxRenumberedWithoutFork,
    DigestNotUpdatedOnDelete,
}
