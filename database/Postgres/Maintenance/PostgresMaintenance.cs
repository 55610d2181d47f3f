using Microsoft.Extensions.Logging;
using Orchestra.Sync.Store;
using static Orchestra.Database.Postgres.PostgresValues;

namespace Orchestra.Database.Postgres.Maintenance;

/// <summary>Maintenance of a PostgreSQL database; a connection and the catalog anew for each run.</summary>
public sealed class PostgresMaintenance : IStoreMaintenance
{
    private readonly string connectionString;
    private readonly TimeProvider time;
    private readonly ILogger logger;

    /// <param name="connectionString">Of a member of orchestra_maintenance, not through a pooler.</param>
    /// <param name="time">Says what is old. A clock a day or more ahead of the database is refused.</param>
    /// <param name="loggers">Where runs are told.</param>
    public PostgresMaintenance(string connectionString, TimeProvider time, ILoggerFactory loggers)
    {
        this.connectionString = connectionString;
        this.time = time;
        logger = loggers.CreateLogger<PostgresMaintenance>();
    }

    /// <inheritdoc/>
    /// <exception cref="Schema.SchemaException">It failed; the sentence says what to do.</exception>
    public async Task<MaintenanceReport?> RunAsync(
        Retention retention,
        IProgress<string> progress,
        CancellationToken cancellation
    )
    {
        await using var session = await MaintenanceSession.TryOpenAsync(
            connectionString,
            cancellation
        );
        if (session is null)
        {
            DatabaseLog.MaintainedElsewhere(logger);
            return null;
        }
        try
        {
            var report = await RunAsync(session, retention, progress, cancellation);
            DatabaseLog.Maintained(logger, report);
            return report;
        }
        catch (Exception e) when (PostgresDatabase.IsOfDatabase(e))
        {
            throw MaintenanceSession.Explain(e);
        }
    }

    private async Task<MaintenanceReport> RunAsync(
        MaintenanceSession session,
        Retention retention,
        IProgress<string> progress,
        CancellationToken cancellation
    )
    {
        var now = time.GetUtcNow();
        await session.ReadBooleanAsync(new("select orchestra.sync_require_clock($1)", Of(now)));
        var tables = await PostgresCatalog.ReadAsync(session.Session);
        var month = LogMonths.NumberOf(now);
        var made = 0;
        for (var ahead = 0; ahead <= retention.MonthsAhead; ahead++)
            if (await TryMakeAsync(session, LogMonths.StartOf(month + ahead), progress))
                made++;
        var log = new LogRetention(session, progress, logger);
        await log.RunAsync(month - retention.LogMonths, cancellation);
        var tombstones = new TombstoneCollection(
            session,
            tables,
            now.AddDays(-retention.TombstoneDays)
        );
        await tombstones.RunAsync(cancellation);
        if (tombstones.Collected > 0)
            progress.Report($"{tombstones.Collected} tombstones are collected");
        return new(
            made,
            log.Dropped,
            log.Kept,
            log.Raised,
            tombstones.Collected,
            Math.Max(log.Held, tombstones.Held)
        );
    }

    private static async Task<bool> TryMakeAsync(
        MaintenanceSession session,
        DateTimeOffset month,
        IProgress<string> progress
    )
    {
        var isNew = await session.ReadBooleanAsync(
            new("select orchestra_log.make_month($1)", Of(DateOnly.FromDateTime(month.UtcDateTime)))
        );
        if (isNew)
            progress.Report($"the log's {month:yyyy-MM} is made");
        return isNew;
    }
}
