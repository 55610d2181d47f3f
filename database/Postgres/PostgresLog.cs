using Npgsql;
using Orchestra.Database.Values;
using Orchestra.Sync;
using Orchestra.Sync.Store;
using static Orchestra.Database.Postgres.PostgresValues;

namespace Orchestra.Database.Postgres;

/// <summary>The owners' history, one entry a version, in a partition a month.</summary>
internal static class PostgresLog
{
    private const string Columns = """
        version, entity_type, entity_id, op, edited_at, priority, device_id, seq, row_edited_at,
        change_id, root_version, tx_end, fields, won, created_at
        """;

    /// <summary>The lists of fields that were won travel as JSON: arrays of arrays cannot be ragged.</summary>
    private static readonly string Insert = $"""
        insert into orchestra.sync_log (owner_id, version, entity_type, entity_id, op, edited_at,
            priority, device_id, seq, row_edited_at, change_id, root_version, tx_end, fields, won,
            created_at)
        select e.owner_id, e.version, e.entity_type, e.entity_id, e.op, e.edited_at, e.priority,
            e.device_id, e.seq, e.row_edited_at, e.change_id, e.root_version, e.tx_end, e.fields,
            case when e.won is not null
                then array(select jsonb_array_elements_text(e.won)) end,
            e.created_at
        from unnest($1::uuid[], $2::bigint[], $3::text[], $4::uuid[], $5::text[],
            $6::timestamptz[], $7::integer[], $8::uuid[], $9::bigint[], $10::timestamptz[],
            $11::uuid[], $12::bigint[], $13::bigint[], $14::jsonb[], $15::jsonb[],
            $16::timestamptz[])
            as e (owner_id, version, entity_type, entity_id, op, edited_at, priority, device_id, seq,
                row_edited_at, change_id, root_version, tx_end, fields, won, created_at)
        {PostgresHeads.JoinPassed("e", 17)}
        """;

    private const string SelectPage = $"""
        select {Columns} from orchestra.sync_log
        where owner_id = $1 and version > $2 and version <= $3
            and created_at >= $4 and created_at < $5
        order by version
        limit $6
        """;

    private const string SelectWrites = """
        select version, entity_type, entity_id, op, edited_at, priority, device_id, seq,
            row_edited_at, change_id, coalesce(won, array(select jsonb_object_keys(fields)))
        from orchestra.sync_log
        where owner_id = $1 and version >= $2
            and created_at >= $3 and created_at < $4
            and entity_id = any ($5)
        order by version
        """;

    private const string SelectHistory = $"""
        select {Columns}, owner_id from orchestra.sync_log
        where owner_id = any ($1)
        order by owner_id, version
        """;

    private const string SelectVersions = """
        select version, entity_type, entity_id, change_id from orchestra.sync_log
        where owner_id = $1 and version = any ($2)
            and created_at >= $3 and created_at < $4
        """;

    /// <summary>How many columns <see cref="Read"/> reads; a wider query has its own after them.</summary>
    public const int ColumnCount = 15;

    /// <summary>All there is of some owners, in version order, with the owner after the columns.</summary>
    public static Statement SelectAll(Guid[] owners) => new(SelectHistory, Of(owners));

    public static Statement Append(
        IReadOnlyCollection<(OwnerId Owner, LogEntry Entry)> items,
        Guid batch
    ) =>
        new(
            Insert,
            Array(items, item => item.Owner.Value),
            Array(items, item => item.Entry.Version),
            Array(items, item => item.Entry.Row.Entity),
            Array(items, item => item.Entry.Row.Id),
            Array(items, item => EnumNames<LogOp>.Write(item.Entry.Op)),
            Times(items, item => item.Entry.Stamp.EditedAt),
            Array(items, item => item.Entry.Stamp.Priority),
            Array(items, item => item.Entry.Stamp.Device.Value),
            Array(items, item => item.Entry.Stamp.Seq),
            Times(items, item => item.Entry.RowEditedAt),
            Array(items, item => item.Entry.Change.Value),
            Array(items, item => item.Entry.RootVersion),
            Array(items, item => item.Entry.TxEnd),
            Json(items, item => LogFields.Write(item.Entry.Fields)),
            Json(items, item => WonNames.Write(item.Entry.Won)),
            Times(items, item => item.Entry.CreatedAt),
            Of(batch)
        );

    /// <summary>Entries in version order. Read with <see cref="Read"/>.</summary>
    /// <param name="owner">Whose.</param>
    /// <param name="since">Above this version.</param>
    /// <param name="until">Up to this one.</param>
    /// <param name="span">When they were committed.</param>
    /// <param name="limit">How many at most.</param>
    public static Statement SelectAfter(
        OwnerId owner,
        long since,
        long until,
        LogSpan span,
        int limit
    ) =>
        new(
            SelectPage,
            Of(owner.Value),
            Of(since),
            Of(until),
            Of(span.From),
            Of(span.Until),
            Of((long)limit)
        );

    /// <summary>
    /// Writes of some rows from a version on, in version order. Read with <see cref="ReadWrite"/>. Of
    /// the values only the names: a row may have been written a thousand times since a device knew of
    /// it.
    /// </summary>
    public static Statement SelectWritesOf(OwnerId owner, long from, LogSpan span, Guid[] ids) =>
        new(SelectWrites, Of(owner.Value), Of(from), Of(span.From), Of(span.Until), Of(ids));

    /// <summary>Version, entity type, row and change of some versions.</summary>
    public static Statement SelectSome(OwnerId owner, long[] versions, LogMonths months) =>
        new(
            SelectVersions,
            Of(owner.Value),
            Of(versions),
            Of(LogMonths.StartOf(months.Of(versions.Min()))),
            Of(LogMonths.StartOf(months.Of(versions.Max()) + 1))
        );

    /// <summary>The write that a reader over the writes of some rows stands on.</summary>
    public static PastWrite ReadWrite(NpgsqlDataReader row) =>
        new(
            ReadKey(row),
            row.GetInt64(0),
            ReadStamp(row),
            row.GetTime(8),
            new ChangeId(row.GetGuid(9)),
            EnumNames<LogOp>.Read(row.GetString(3)),
            row.GetFieldValue<string[]>(10)
        );

    /// <summary>The entry that a reader over a page stands on.</summary>
    public static LogEntry Read(NpgsqlDataReader row, PostgresTables tables)
    {
        var key = ReadKey(row);
        return new LogEntry(
            row.GetInt64(0),
            key,
            EnumNames<LogOp>.Read(row.GetString(3)),
            ReadStamp(row),
            row.GetTime(8),
            new ChangeId(row.GetGuid(9)),
            row.GetIntegerOrNull(10),
            row.GetIntegerOrNull(11),
            LogFields.Read(row.GetString(12), tables.Find(key.Entity)?.Type),
            row.IsDBNull(13) ? null : row.GetFieldValue<string[]>(13),
            row.GetTime(14)
        );
    }

    private static RowKey ReadKey(NpgsqlDataReader row) => new(row.GetString(1), row.GetGuid(2));

    private static Stamp ReadStamp(NpgsqlDataReader row) =>
        new(row.GetTime(4), row.GetInt32(5), new DeviceId(row.GetGuid(6)), row.GetInt64(7));
}
