using Orchestra.Client.Local;
using Orchestra.Sync;
using Orchestra.Sync.Errors;
using Orchestra.Sync.Wire;

namespace Orchestra.Client.Outbox;

/// <summary>The rows of <c>o_conflicts</c>: no value an app wrote disappears without a record.</summary>
internal sealed class ConflictTable(Statements sql, TimeProvider time)
{
    public long Count() => sql.Number("select count(*) from o_conflicts");

    public void Add(LocalConflict conflict) =>
        sql.Execute(
            """
            insert into o_conflicts (change, verdict, entity, id, op, version, code, message, field,
                fields, winning, recorded_at)
            values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
            on conflict (change) do nothing
            """,
            conflict.Change.ToString(),
            EnumNames<ConflictVerdict>.Write(conflict.Verdict),
            conflict.Entity,
            conflict.RowId,
            EnumNames<ChangeOp>.Write(conflict.Op),
            conflict.Version,
            conflict.Code,
            conflict.Message,
            conflict.Field,
            WireCodec.WriteFields(conflict.Fields),
            conflict.Winning is null ? null : WireCodec.WriteFields(conflict.Winning),
            Timestamps.Write(time.GetUtcNow())
        );

    public List<LocalConflict> Newest(int limit) =>
        sql.Query(
            """
            select change, verdict, entity, id, op, version, code, message, field, fields, winning
            from o_conflicts order by recorded_at desc, change limit $1
            """,
            row => new LocalConflict(
                new ChangeId(Guid.Parse(row.GetString(0))),
                EnumNames<ConflictVerdict>.Read(row.GetString(1)),
                row.GetString(2),
                row.GetString(3),
                EnumNames<ChangeOp>.Read(row.GetString(4)),
                row.IsDBNull(5) ? null : row.GetInt64(5),
                row.IsDBNull(6) ? null : row.GetString(6),
                row.IsDBNull(7) ? null : row.GetString(7),
                row.IsDBNull(8) ? null : row.GetString(8),
                WireCodec.ReadFields(row.GetString(9)),
                row.IsDBNull(10) ? null : WireCodec.ReadFields(row.GetString(10))
            ),
            limit
        );

    /// <summary>The record of a change that could not even be sent.</summary>
    public void AddUnsendable(OutboxChange change, ErrorCode code, string message) =>
        Add(
            new LocalConflict(
                change.Id,
                ConflictVerdict.Rejected,
                change.Entity,
                change.RowId,
                change.Op,
                null,
                code.Name(),
                message,
                null,
                change.Fields,
                null
            )
        );
}
