using Npgsql;
using NpgsqlTypes;
using Orchestra.Database.Postgres;
using Orchestra.Database.Values;
using Orchestra.Sync;
using Orchestra.Sync.Catalog;
using Orchestra.Sync.Errors;
using Orchestra.Sync.Wire;

namespace Orchestra.Database.Seeders;

/// <summary>
/// Writes whole histories with COPY: rows, parents before children, then log, heads, devices,
/// conflicts and epochs.
/// </summary>
/// <remarks>
/// The importer is written to without awaiting: it is tens of millions of values, and nearly all of
/// them only go into its buffer.
/// </remarks>
internal sealed class PostgresCopy(NpgsqlConnection connection, PostgresTables tables)
{
    public void Write(IReadOnlyCollection<SeedHistory> histories)
    {
        foreach (var table in tables.All)
            WriteRows(table, histories);
        WriteLog(histories);
        WriteHeads(histories);
        WriteCursors(histories);
        WriteConflicts(histories);
        WriteEpochs(histories);
    }

    private void WriteRows(PostgresTable table, IEnumerable<SeedHistory> histories)
    {
        var fields = table.Type.Fields;
        using var copy = Begin(
            table.Name,
            "owner_id, id, version, created_version, created_at, updated_at, deleted_at, stamp_at, "
                + "stamp_priority, stamp_device, stamp_seq, root_version"
                + string.Concat(fields.Select(field => $", {field.Column()}"))
        );
        var rows =
            from history in histories
            from row in history.Rows.Values
            where row.Key.Entity == table.Type.Name
            orderby row.UpdatedAt
            select (history.Owner, Row: row);
        foreach (var (owner, row) in rows)
        {
            copy.StartRow();
            copy.Write(owner.Value);
            copy.Write(row.Key.Id);
            copy.Write(row.Version);
            copy.Write(row.CreatedVersion);
            Write(copy, row.CreatedAt);
            Write(copy, row.UpdatedAt);
            WriteOrNull(copy, row.DeletedAt?.UtcDateTime);
            Write(copy, row.Stamp.EditedAt);
            copy.Write(row.Stamp.Priority);
            copy.Write(row.Stamp.Device.Value);
            copy.Write(row.Stamp.Seq);
            WriteOrNull(copy, row.RootVersion);
            foreach (var field in fields)
                Write(copy, field, row[field.Name]);
        }
        copy.Complete();
    }

    private void WriteLog(IEnumerable<SeedHistory> histories)
    {
        using var copy = Begin(
            "orchestra.sync_log",
            "owner_id, version, entity_type, entity_id, op, device_id, seq, change_id, priority, "
                + "edited_at, row_edited_at, root_version, tx_end, fields, won, created_at"
        );
        // In the order in which it would have come about, owners mixed.
        var log =
            from history in histories
            from entry in history.Log
            orderby entry.CreatedAt
            select (history.Owner, Entry: entry);
        foreach (var (owner, entry) in log)
        {
            copy.StartRow();
            copy.Write(owner.Value);
            copy.Write(entry.Version);
            copy.Write(entry.Row.Entity);
            copy.Write(entry.Row.Id);
            copy.Write(EnumNames<LogOp>.Write(entry.Op));
            copy.Write(entry.Stamp.Device.Value);
            copy.Write(entry.Stamp.Seq);
            copy.Write(entry.Change.Value);
            copy.Write(entry.Stamp.Priority);
            Write(copy, entry.Stamp.EditedAt);
            Write(copy, entry.RowEditedAt);
            WriteOrNull(copy, entry.RootVersion);
            WriteOrNull(copy, entry.TxEnd);
            copy.Write(LogFields.Write(entry.Fields), NpgsqlDbType.Jsonb);
            WriteOrNull(copy, entry.Won?.ToArray());
            Write(copy, entry.CreatedAt);
        }
        copy.Complete();
    }

    private void WriteHeads(IEnumerable<SeedHistory> histories)
    {
        using var copy = Begin(
            "orchestra.sync_head",
            "owner_id, commit_no, commit_id, version, epoch, digest, live_rows, last_commit_at, "
                + "log_horizon, tombstone_horizon, first_month, month_starts"
        );
        foreach (var history in histories)
        {
            var (head, months) = (history.State.Head, history.Months);
            copy.StartRow();
            copy.Write(history.Owner.Value);
            copy.Write(head.CommitNo);
            // Any id does that no batch has.
            copy.Write(history.Log[^1].Change.Value);
            copy.Write(head.Version);
            copy.Write(head.Epoch);
            copy.Write(unchecked((long)head.Digest));
            copy.Write(head.Rows);
            Write(copy, head.LastCommitAt);
            copy.Write(head.LogHorizon);
            copy.Write(head.TombstoneHorizon);
            copy.Write(months.First);
            copy.Write(months.Starts);
        }
        copy.Complete();
    }

    private void WriteCursors(IEnumerable<SeedHistory> histories)
    {
        using var copy = Begin(
            "orchestra.device_cursor",
            "owner_id, device_id, last_seq, last_change, recent, acked_version, last_seen_at"
        );
        foreach (var history in histories)
        foreach (var cursor in history.State.Cursors.Values.OrderBy(cursor => cursor.Device))
        {
            copy.StartRow();
            copy.Write(history.Owner.Value);
            copy.Write(cursor.Device.Value);
            copy.Write(cursor.LastSeq);
            WriteOrNull(copy, cursor.LastChange?.Value);
            copy.Write(RecentVerdicts.Write(cursor.Recent), NpgsqlDbType.Jsonb);
            copy.Write(history.State.Head.Version);
            Write(copy, history.Seen[cursor.Device]);
        }
        copy.Complete();
    }

    private void WriteConflicts(IEnumerable<SeedHistory> histories)
    {
        using var copy = Begin(
            "orchestra.sync_conflict",
            "owner_id, commit_no, ordinal, verdict, entity_type, entity_id, device_id, seq, "
                + "change_id, version, winner_version, code, field, op, fields, recorded_at"
        );
        foreach (var history in histories)
        foreach (var (at, conflict) in history.Conflicts)
        {
            copy.StartRow();
            copy.Write(history.Owner.Value);
            copy.Write(at.CommitNo);
            copy.Write(at.Ordinal);
            copy.Write(EnumNames<ConflictVerdict>.Write(conflict.Verdict));
            copy.Write(conflict.Entity);
            copy.Write(conflict.RowId);
            copy.Write(conflict.Device.Value);
            copy.Write(conflict.Seq);
            copy.Write(conflict.Change.Value);
            WriteOrNull(copy, conflict.Version);
            WriteOrNull(copy, conflict.WinnerVersion);
            WriteOrNull(copy, conflict.Code is { } code ? EnumNames<ErrorCode>.Write(code) : null);
            WriteOrNull(copy, conflict.Field);
            copy.Write(EnumNames<ChangeOp>.Write(conflict.Op));
            copy.Write(WireCodec.WriteFields(conflict.Fields), NpgsqlDbType.Json);
            Write(copy, conflict.RecordedAt);
        }
        copy.Complete();
    }

    private void WriteEpochs(IEnumerable<SeedHistory> histories)
    {
        using var copy = Begin("orchestra.sync_epoch", "owner_id, epoch, kept");
        foreach (var history in histories)
        foreach (var start in history.Epochs)
        {
            copy.StartRow();
            copy.Write(history.Owner.Value);
            copy.Write(start.Epoch);
            copy.Write(start.Kept);
        }
        copy.Complete();
    }

    private NpgsqlBinaryImporter Begin(string table, string columns) =>
        connection.BeginBinaryImport($"copy {table} ({columns}) from stdin (format binary)");

    private static void Write(NpgsqlBinaryImporter copy, Field field, FieldValue value)
    {
        if (value.IsNull)
        {
            copy.WriteNull();
            return;
        }
        switch (field.Type)
        {
            case FieldType.Text:
                copy.Write(value.AsText());
                break;
            case FieldType.Uuid:
                copy.Write(Guid.ParseExact(value.AsText(), "D"));
                break;
            case FieldType.Integer:
                copy.Write(value.AsInteger());
                break;
            case FieldType.Real:
                copy.Write(
                    value.Kind == FieldValueKind.Integer ? value.AsInteger() : value.AsReal()
                );
                break;
            case FieldType.Boolean:
                copy.Write(value.AsBoolean());
                break;
            case FieldType.Timestamp:
                Write(copy, Timestamps.Read(value.AsText()));
                break;
            default:
                copy.Write(
                    value.Kind == FieldValueKind.Json
                        ? value.AsText()
                        : WireCodec.WriteValue(value),
                    NpgsqlDbType.Jsonb
                );
                break;
        }
    }

    private static void Write(NpgsqlBinaryImporter copy, DateTimeOffset time) =>
        copy.Write(time.UtcDateTime);

    private static void WriteOrNull<T>(NpgsqlBinaryImporter copy, T? value)
        where T : class
    {
        if (value is null)
            copy.WriteNull();
        else
            copy.Write(value);
    }

    private static void WriteOrNull<T>(NpgsqlBinaryImporter copy, T? value)
        where T : struct
    {
        if (value is { } present)
            copy.Write(present);
        else
            copy.WriteNull();
    }
}
