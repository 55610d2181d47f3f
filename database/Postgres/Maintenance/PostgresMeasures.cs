using Orchestra.Sync.Store;

namespace Orchestra.Database.Postgres.Maintenance;

/// <summary>How large a PostgreSQL database is and how its devices follow.</summary>
/// <param name="database">As a member of orchestra_app sees it; the caller closes it.</param>
/// <param name="time">Says which month it is.</param>
public sealed class PostgresMeasures(PostgresDatabase database, TimeProvider time) : IStoreMeasures
{
    /// <summary>Devices that are looked at, about: all of them where there are fewer.</summary>
    private const double SampleDevices = 20_000;

    private const string SelectTables = """
        select
            case when n.nspname = 'orchestra_log' then 'sync_log' else c.relname::text end,
            coalesce(sum(pg_total_relation_size(c.oid)), 0)::bigint,
            sum(greatest(c.reltuples, 0))::bigint
        from pg_class c
        join pg_namespace n on n.oid = c.relnamespace
        where n.nspname in ('orchestra', 'orchestra_log') and c.relkind = 'r'
        group by 1
        order by 1
        """;

    private const string SelectMonths = """
        select c.relname::text
        from pg_inherits i
        join pg_class c on c.oid = i.inhrelid
        where i.inhparent = 'orchestra.sync_log'::regclass and not i.inhdetachpending
        order by 1
        """;

    private const string SelectConnections = """
        select count(*), current_setting('max_connections')::bigint
        from pg_stat_activity
        where datid is not null
        """;

    /// <summary>$1: which part of the table's pages, percent.</summary>
    private const string SelectLags = """
        select q, coalesce(percentile_disc(q) within group (order by lag), 0)
        from unnest(array[0.5, 0.9, 0.99, 1]::float8[]) as q
        left join (
            select greatest(h.version - c.acked_version, 0) as lag
            from orchestra.device_cursor c tablesample system ($1)
            join orchestra.sync_head h using (owner_id)
            where c.last_seen_at > now() - interval '1 day'
        ) device on true
        group by q
        order by q
        """;

    public Task<StoreMeasurement> ReadAsync(CancellationToken cancellation) =>
        database.ReadAsync(ReadAsync, cancellation);

    private async Task<StoreMeasurement> ReadAsync(PostgresSession session)
    {
        var tables = new List<TableMeasurement>();
        var months = new List<int>();
        var (connections, most) = (0L, 0L);
        await session.ReadAsync(
            [new(SelectTables), new(SelectMonths), new(SelectConnections)],
            (i, row) =>
            {
                if (i == 0)
                    tables.Add(new(row.GetString(0), row.GetInt64(1), row.GetInt64(2)));
                else if (i == 2)
                    (connections, most) = (row.GetInt64(0), row.GetInt64(1));
                else
                    months.Add(LogMonths.OfPartition(row.GetString(0)));
            }
        );
        var devices = tables.Find(table => table.Table == "device_cursor").Rows;
        var lags = await session.ListAsync(
            new(
                SelectLags,
                PostgresValues.Of((float)Math.Min(100, 100 * SampleDevices / Math.Max(devices, 1)))
            ),
            row => new DeviceLag(row.GetDouble(0), row.GetInt64(1))
        );
        var now = time.GetUtcNow();
        var current = LogMonths.NumberOf(now);
        return new(
            tables,
            months.Count,
            months.Count(month => month > current),
            months.Count == 0 ? TimeSpan.Zero : now - LogMonths.StartOf(months[0]),
            lags,
            connections,
            most
        );
    }
}
