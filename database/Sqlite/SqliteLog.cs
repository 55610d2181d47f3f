using Microsoft.Data.Sqlite;
using Orchestra.Database.Values;
using Orchestra.Sync;
using Orchestra.Sync.Store;

namespace Orchestra.Database.Sqlite;

/// <summary>The owners' history, one entry a version.</summary>
internal static class SqliteLog
{
    private const string Columns = """
        version, entity_type, entity_id, op, edited_at, priority, device_id, seq, row_edited_at,
        change_id, root_version, tx_end, fields, won, created_at
        """;

    private const string Insert = $"""
        insert into sync_log (owner_id, {Columns})
        values (@owner, @version, @entity, @id, @op, @edited, @priority, @device, @seq,
            @row_edited, @change, @root, @tx, @fields, @won, @created)
        """;

    /// <summary>Parameters: <c>@owner</c>, <c>@since</c>; in version order.</summary>
    public const string SelectSince = $"""
        select {Columns} from sync_log
        where owner_id = @owner and version > @since
        order by version
        """;

    /// <summary>
    /// Parameters: <c>@owner</c>, <c>@from</c>, <c>@ids</c>; in version order. Of the values only the
    /// names: a row may have been written a thousand times since a device knew of it.
    /// </summary>
    public const string SelectWrites = """
        select version, entity_type, entity_id, op, edited_at, priority, device_id, seq,
            row_edited_at, change_id,
            coalesce(won, (select json_group_array(key) from json_each(fields)))
        from sync_log
        where owner_id = @owner and version >= @from
            and entity_id in (select value from json_each(@ids))
        order by version
        """;

    private const string SelectChange =
        "select change_id from sync_log where owner_id = @owner and version = @version";

    public static void Append(SqliteSession session, OwnerId owner, LogEntry entry) =>
        session.Execute(
            Insert,
            ("@owner", owner.Value.ToColumn()),
            ("@version", entry.Version),
            ("@entity", entry.Row.Entity),
            ("@id", entry.Row.Id.ToColumn()),
            ("@op", EnumNames<LogOp>.Write(entry.Op)),
            ("@edited", entry.Stamp.EditedAt.ToColumn()),
            ("@priority", entry.Stamp.Priority),
            ("@device", entry.Stamp.Device.Value.ToColumn()),
            ("@seq", entry.Stamp.Seq),
            ("@row_edited", entry.RowEditedAt.ToColumn()),
            ("@change", entry.Change.Value.ToColumn()),
            ("@root", entry.RootVersion),
            ("@tx", entry.TxEnd),
            ("@fields", LogFields.Write(entry.Fields)),
            ("@won", WonNames.Write(entry.Won)),
            ("@created", entry.CreatedAt.ToColumn())
        );

    /// <summary>The change at a version; null where the log does not have it.</summary>
    public static ChangeId? FindChange(SqliteSession session, OwnerId owner, long version)
    {
        var found = session.List(
            SelectChange,
            row => new ChangeId(row.GetUuid(0)),
            ("@owner", owner.Value.ToColumn()),
            ("@version", version)
        );
        return found.Count == 0 ? null : found[0];
    }

    /// <summary>The write that a reader over <see cref="SelectWrites"/> stands on.</summary>
    public static PastWrite ReadWrite(SqliteDataReader row) =>
        new(
            ReadKey(row),
            row.GetInt64(0),
            ReadStamp(row),
            row.GetTime(8),
            new ChangeId(row.GetUuid(9)),
            EnumNames<LogOp>.Read(row.GetString(3)),
            WonNames.Read(row.GetString(10))!
        );

    /// <summary>The entry that a reader over <see cref="SelectSince"/> stands on.</summary>
    public static LogEntry Read(SqliteDataReader row, SqliteTables tables)
    {
        var key = ReadKey(row);
        return new LogEntry(
            row.GetInt64(0),
            key,
            EnumNames<LogOp>.Read(row.GetString(3)),
            ReadStamp(row),
            row.GetTime(8),
            new ChangeId(row.GetUuid(9)),
            row.GetIntegerOrNull(10),
            row.GetIntegerOrNull(11),
            LogFields.Read(row.GetString(12), tables.Find(key.Entity)?.Type),
            WonNames.Read(row.GetTextOrNull(13)),
            row.GetTime(14)
        );
    }

    private static RowKey ReadKey(SqliteDataReader row) => new(row.GetString(1), row.GetUuid(2));

    private static Stamp ReadStamp(SqliteDataReader row) =>
        new(row.GetTime(4), row.GetInt32(5), new DeviceId(row.GetUuid(6)), row.GetInt64(7));
}
