using Microsoft.Extensions.Logging;
using Npgsql;

namespace Orchestra.Database.Postgres.Maintenance;

/// <summary>
/// Drops months of the log: raises the horizon of every owner who has versions in them, then, oldest
/// first, detaches each without blocking anybody and drops it. A month stays while an owner who has
/// versions in it is not raised. A run that was interrupted is finished by the next.
/// </summary>
internal sealed class LogRetention(
    MaintenanceSession maintenance,
    IProgress<string> progress,
    ILogger logger
)
{
    private const string Months = """
        select c.relname, i.inhrelid is not null, coalesce(i.inhdetachpending, false)
        from pg_class c
        left join pg_inherits i
            on i.inhrelid = c.oid and i.inhparent = 'orchestra.sync_log'::regclass
        where c.relnamespace = 'orchestra_log'::regnamespace and c.relkind = 'r'
            and c.relname ~ '^sync_log_[0-9]{4}_[0-9]{2}$'
        order by c.relname
        """;

    public int Dropped { get; private set; }

    public int Kept { get; private set; }

    public long Raised { get; private set; }

    public int Held { get; private set; }

    /// <param name="oldest">The first month that stays.</param>
    /// <param name="cancellation">Stops between two transactions.</param>
    public async Task RunAsync(int oldest, CancellationToken cancellation)
    {
        var months = await maintenance.Session.ListAsync(
            new(Months),
            row => new LogMonth(row.GetString(0), row.GetBoolean(1), row.GetBoolean(2))
        );
        var horizons = new LogHorizons(maintenance);
        if (months.Exists(month => month.Number < oldest))
            Raised = await horizons.RaiseAsync(oldest - 1, cancellation);
        foreach (var month in months)
        {
            cancellation.ThrowIfCancellationRequested();
            // Whoever began to detach it had raised the horizons; its entries are out of sight.
            if (month.IsPending && !await TryDetachAsync(month, "finalize"))
            {
                Keep(months, oldest);
                return;
            }
            if (month.Number >= oldest)
                continue;
            Held = (await horizons.BelowAsync(month.Number, cancellation)).Count;
            if (
                Held > 0
                || (
                    month is { IsAttached: true, IsPending: false }
                    && !await TryDetachAsync(month, "concurrently")
                )
                || !await TryAsync(month, $"drop table {month.Table}")
            )
            {
                Keep(months, oldest);
                return;
            }
            Dropped++;
            DatabaseLog.MonthDropped(logger, month.Name);
            progress.Report($"{month.Name} is dropped");
        }
    }

    /// <summary>Months go in order, so all from this one on wait for a later run.</summary>
    private void Keep(IEnumerable<LogMonth> months, int oldest)
    {
        Kept = months.Count(month => month.Number < oldest) - Dropped;
        DatabaseLog.MonthsKept(logger, Kept, Held);
        progress.Report($"{Kept} months are due but held or still read: a later run drops them");
    }

    /// <summary>
    /// Waits for those who still read the month. The wait holds no lock that others need, so it may
    /// be longer than others.
    /// </summary>
    private async Task<bool> TryDetachAsync(LogMonth month, string how)
    {
        await maintenance.Session.ExecuteAsync(new("set lock_timeout = '20s'"));
        try
        {
            return await TryAsync(
                month,
                $"alter table orchestra.sync_log detach partition {month.Table} {how}"
            );
        }
        finally
        {
            await maintenance.Session.ExecuteAsync(new("set lock_timeout = '3s'"));
        }
    }

    private async Task<bool> TryAsync(LogMonth month, string statement)
    {
        try
        {
            await maintenance.Session.ExecuteAsync(new(statement));
            return true;
        }
        catch (PostgresException e) when (e.SqlState == PostgresErrorCodes.LockNotAvailable)
        {
            progress.Report($"{month.Name} is still read");
            return false;
        }
    }

    /// <param name="Name">The partition's, by which it is known and sorted.</param>
    /// <param name="IsAttached">Whether it is part of the log.</param>
    /// <param name="IsPending">Whether detaching it was begun.</param>
    private sealed record LogMonth(string Name, bool IsAttached, bool IsPending)
    {
        public int Number { get; } = LogMonths.OfPartition(Name);

        public string Table => $"orchestra_log.{Name}";
    }
}
