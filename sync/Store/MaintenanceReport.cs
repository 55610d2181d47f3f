namespace Orchestra.Sync.Store;

/// <summary>What a run of maintenance did.</summary>
/// <param name="MonthsMade">Months of the log made ahead.</param>
/// <param name="MonthsDropped">Months of the log that are gone.</param>
/// <param name="MonthsKept">Months that are due but stay until a later run: they are held or read.</param>
/// <param name="HorizonsRaised">Owners whose log now begins later.</param>
/// <param name="TombstonesCollected">Deleted rows that are gone.</param>
/// <param name="OwnersHeld">Owners left for a later run because their heads were held.</param>
public sealed record MaintenanceReport(
    int MonthsMade,
    int MonthsDropped,
    int MonthsKept,
    long HorizonsRaised,
    long TombstonesCollected,
    int OwnersHeld
)
{
    public override string ToString() =>
        $"{MonthsMade} months made, {MonthsDropped} dropped and {MonthsKept} due ones kept, "
        + $"{HorizonsRaised} horizons raised, {TombstonesCollected} tombstones collected, "
        + $"{OwnersHeld} owners left for later";
}
