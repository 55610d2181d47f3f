using Microsoft.Data.Sqlite;
using Orchestra.Client.Local;
using Orchestra.Sync;
using Orchestra.Sync.Errors;
using Orchestra.Sync.Wire;

namespace Orchestra.Client.Outbox;

/// <summary>The rows of <c>o_conflicts</c>: no value an app wrote disappears without a record.</summary>
internal sealed class ConflictTable(Statements sql, TimeProvider time)
{
    private const string Columns =
        "change, verdict, entity, id, op, version, code, message, field, fields, winning";

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
            $"select {Columns} from o_conflicts order by recorded_at desc, change limit $1",
            Read,
            limit
        );

    public LocalConflict? Find(ChangeId change) =>
        sql.Query($"select {Columns} from o_conflicts where change = $1", Read, change.ToString())
            .SingleOrDefault();

    /// <returns>Whether there was one.</returns>
    public bool Remove(ChangeId change) =>
        sql.Execute("delete from o_conflicts where change = $1", change.ToString()) > 0;

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

    private static LocalConflict Read(SqliteDataReader row) =>
        new(
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
        );
}
