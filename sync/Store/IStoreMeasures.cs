namespace Orchestra.Sync.Store;

/// <summary>
/// How large a store is and how its devices follow. Consumer: one silo of a cluster, every half minute.
/// Only PostgreSQL has one.
/// </summary>
public interface IStoreMeasures
{
    /// <summary>Reads what the database knows of itself, and a sample of the devices.</summary>
    /// <exception cref="Errors.SyncException"><c>store_unavailable</c>, or <c>internal</c>.</exception>
    Task<StoreMeasurement> ReadAsync(CancellationToken cancellation);
}

/// <param name="Tables">Of the database, the log as one.</param>
/// <param name="LogMonths">Months that the log has tables for.</param>
/// <param name="MonthsAhead">Of those, the ones after the current month.</param>
/// <param name="LogReach">How far the log goes back, from the beginning of its first month.</param>
/// <param name="Lags">How far devices are behind.</param>
/// <param name="Connections">Of everybody to the server.</param>
/// <param name="MostConnections">How many it takes.</param>
public sealed record StoreMeasurement(
    IReadOnlyList<TableMeasurement> Tables,
    int LogMonths,
    int MonthsAhead,
    TimeSpan LogReach,
    IReadOnlyList<DeviceLag> Lags,
    long Connections,
    long MostConnections
);

/// <param name="Table">Its name.</param>
/// <param name="Bytes">With indexes and what lies outside of the rows.</param>
/// <param name="Rows">About how many, as the planner sees it; 0 before it has looked.</param>
public readonly record struct TableMeasurement(string Table, long Bytes, long Rows);

/// <param name="Quantile">0.5, 0.9, 0.99 or 1.</param>
/// <param name="Changes">
/// This part of the devices that were seen in the last day is not further behind than so many changes; 0 where there are none.
/// </param>
public readonly record struct DeviceLag(double Quantile, long Changes);
