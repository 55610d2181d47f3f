namespace Orchestra.Sync.Store;

/// <summary>How long history is kept. What is older costs a device a reset, never data.</summary>
/// <param name="LogMonths">Whole months of the log that stay besides the current one, 1 or more.</param>
/// <param name="TombstoneDays">Days that a deleted row stays as a tombstone, 1 or more.</param>
/// <param name="MonthsAhead">Months of the log to make ahead, 1 to 12.</param>
public sealed record Retention(int LogMonths, int TombstoneDays, int MonthsAhead)
{
    /// <summary>The furthest that a month can be made ahead: the database refuses the 14th.</summary>
    public const int MostMonthsAhead = 12;

    /// <summary>
    /// A device that was away for a year still catches up from the log, which reaches back up to 427 days;
    /// tombstones stay longer.
    /// </summary>
    public static readonly Retention Default = new(13, 430, 2);
}
