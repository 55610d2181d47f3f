using Microsoft.Extensions.Logging;
using Orchestra.Sync.Store;

namespace Orchestra.Database.Postgres;

/// <summary>Everything this room logs about PostgreSQL.</summary>
internal static partial class DatabaseLog
{
    [LoggerMessage(
        1,
        LogLevel.Warning,
        "The log had no partition for {Month:yyyy-MM}; it was made just now. Maintenance should make them ahead"
    )]
    public static partial void MonthWasMissing(ILogger logger, DateTimeOffset month);

    [LoggerMessage(2, LogLevel.Error, "PostgreSQL refused a statement ({SqlState})")]
    public static partial void StatementFailed(
        ILogger logger,
        string sqlState,
        Exception exception
    );

    [LoggerMessage(
        3,
        LogLevel.Error,
        "This silo's clock is a day or more ahead of the database's: nothing is committed until it is right"
    )]
    public static partial void ClockIsAhead(ILogger logger);

    [LoggerMessage(4, LogLevel.Warning, "PostgreSQL cannot be reached: {Reason}")]
    public static partial void Unreachable(ILogger logger, string reason);

    [LoggerMessage(
        5,
        LogLevel.Warning,
        "A commit of {Owners} owners ended with its connection; whether it happened is not known"
    )]
    public static partial void CommitUnknown(ILogger logger, int owners);

    [LoggerMessage(6, LogLevel.Information, "Maintenance: {Report}")]
    public static partial void Maintained(ILogger logger, MaintenanceReport report);

    [LoggerMessage(
        7,
        LogLevel.Information,
        "Maintenance of this database is under way elsewhere; nothing was done here"
    )]
    public static partial void MaintainedElsewhere(ILogger logger);

    [LoggerMessage(8, LogLevel.Information, "{Month} is past its retention and was dropped")]
    public static partial void MonthDropped(ILogger logger, string month);

    [LoggerMessage(
        9,
        LogLevel.Warning,
        "{Months} months of the log are due but stay: {Owners} owners are held, or somebody still reads"
    )]
    public static partial void MonthsKept(ILogger logger, int months, int owners);
}
