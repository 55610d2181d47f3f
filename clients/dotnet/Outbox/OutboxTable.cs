using Microsoft.Data.Sqlite;
using Orchestra.Client.Local;
using Orchestra.Sync;
using Orchestra.Sync.Wire;

namespace Orchestra.Client.Outbox;

/// <summary>The rows of <c>o_outbox</c>, in the order in which the edits were made.</summary>
internal sealed class OutboxTable(Statements sql, TouchedTypes touched)
{
    private const string Columns =
        "position, change, seq, entity, id, op, base, fields, tx, made_wall_ms, made_run, made_tick";

    /// <summary>How many changes wait for the server, in one way or another.</summary>
    public long Count() => sql.Number("select count(*) from o_outbox");

    /// <summary>The position the next change will have; also a number no open transaction uses.</summary>
    public long NextPosition() => sql.Number("select coalesce(max(position), 0) + 1 from o_outbox");

    /// <summary>The position of the oldest change; 1 if there is none.</summary>
    public long FirstPosition() => sql.Number("select coalesce(min(position), 1) from o_outbox");

    public void Add(OutboxChange change)
    {
        touched.Add(change.Entity);
        sql.Execute(
            $"""
            insert into o_outbox ({Columns})
            values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
            """,
            change.Position,
            change.Id.ToString(),
            change.Seq,
            change.Entity,
            change.RowId,
            EnumNames<ChangeOp>.Write(change.Op),
            change.Base,
            WireCodec.WriteFields(change.Fields),
            change.Tx,
            change.Made.WallMs,
            change.Made.Run,
            change.Made.Tick
        );
    }

    /// <summary>The newest change, if it was never sent.</summary>
    public OutboxChange? LastUnsent() =>
        Find(
            """
            position = $1 and seq is null and status is null
                and not exists (select 1 from o_sent where o_sent.change = o_outbox.change)
            """,
            sql.Number("select max(position) from o_outbox")
        );

    /// <summary>Puts another change in the place of one that was not sent.</summary>
    public void Replace(OutboxChange old, OutboxChange change)
    {
        Remove(old);
        Add(change);
    }

    /// <summary>
    /// What is to be sent after <paramref name="seq"/>: first what was sent before and has no
    /// verdict, then what never was.
    /// </summary>
    public List<OutboxChange> Unanswered(long seq, int limit) =>
        sql.Query(
            $"""
            select {Columns} from o_outbox
            where status is null and (seq is null or seq > $1)
            order by seq is null, seq, position limit $2
            """,
            Read,
            seq,
            limit
        );

    public bool HasUnsent() =>
        sql.Number("select exists (select 1 from o_outbox where seq is null and status is null)")
        != 0;

    /// <summary>Whether a change was sent, or was about to be, and has no verdict.</summary>
    public bool HasUnanswered() => FirstUnanswered() is not null;

    /// <summary>The lowest seq without a verdict; null if every change sent has one.</summary>
    public long? FirstUnanswered() =>
        sql.Query(
                "select min(seq) from o_outbox where status is null",
                row => row.IsDBNull(0) ? (long?)null : row.GetInt64(0)
            )
            .Single();

    /// <summary>A row's changes that still lie over the server's, the oldest first.</summary>
    public List<OutboxChange> OfRow(string entity, Guid id) =>
        sql.Query(
            $"""
            select {Columns} from o_outbox
            where entity = $1 and id = $2 and delivered = 0 and op <> 'void' order by position
            """,
            Read,
            entity,
            id.ToString()
        );

    /// <summary>A type's changes that still lie over the server's rows, the oldest first.</summary>
    public List<OutboxChange> OfType(string entity) =>
        sql.Query(
            $"""
            select {Columns} from o_outbox
            where entity = $1 and delivered = 0 and op <> 'void' order by position
            """,
            Read,
            entity
        );

    public OutboxChange? FindBySeq(long seq) => Find("seq = $1", seq);

    public OutboxChange? FindByChange(ChangeId change) => Find("change = $1", change.ToString());

    public void AssignSeq(OutboxChange change, long seq) =>
        sql.Execute("update o_outbox set seq = $2 where position = $1", change.Position, seq);

    public void RecordVerdict(OutboxChange change, ChangeStatus status, long? version) =>
        sql.Execute(
            "update o_outbox set status = $2, version = coalesce($3, version) where position = $1",
            change.Position,
            EnumNames<ChangeStatus>.Write(status),
            version
        );

    /// <summary>The server delivered the change itself, perhaps before its verdict.</summary>
    public void RecordEcho(ChangeId change, long version) =>
        sql.Execute(
            "update o_outbox set version = $2 where change = $1",
            change.ToString(),
            version
        );

    public void Remove(OutboxChange change)
    {
        touched.Add(change.Entity);
        sql.Execute("delete from o_outbox where position = $1", change.Position);
    }

    /// <summary>
    /// The server rows contain everything up to <paramref name="version"/>: changes up to there no
    /// longer lie over them, and leave once their verdict is known too.
    /// </summary>
    public void RemoveDelivered(long version)
    {
        var uncovered = sql.Query(
            """
            update o_outbox set delivered = 1 where version <= $1 and delivered = 0
            returning entity
            """,
            row => row.GetString(0),
            version
        );
        foreach (var entity in uncovered)
            touched.Add(entity);
        sql.Execute("delete from o_outbox where delivered = 1 and status is not null");
    }

    /// <summary>
    /// History above <paramref name="kept"/> is gone: what was thought to be in it counts as never
    /// sent, and nothing can be based on it.
    /// </summary>
    public void Rebase(DeviceId device, long kept)
    {
        touched.AddAll();
        RememberSeqs("version > $2 and status is not null", device, kept);
        sql.Execute(
            """
            update o_outbox set
                seq = case when status is null then seq end,
                status = null, version = null, delivered = 0
            where version > $1
            """,
            kept
        );
        sql.Execute("update o_outbox set base = 0 where base > $1", kept);
    }

    /// <summary>
    /// The seqs given so far are those of a device that is given up. What had no verdict is to be
    /// sent anew, and says then under which seqs it was sent before.
    /// </summary>
    public void NumberAnew(DeviceId old)
    {
        sql.Execute("delete from o_outbox where op = 'void'");
        RememberSeqs("status is null", old);
        sql.Execute("update o_outbox set seq = null");
    }

    /// <summary>Whether any change was sent under other seqs than its present one.</summary>
    public bool HasSentBefore() => sql.Number("select exists (select 1 from o_sent)") != 0;

    /// <summary>Under which seqs a change was sent before, as many as may be said.</summary>
    public List<WireDeviceSeq> SentBefore(OutboxChange change) =>
        sql.Query(
            "select device, seq from o_sent where change = $1 limit $2",
            row => new WireDeviceSeq(new DeviceId(Guid.Parse(row.GetString(0))), row.GetInt64(1)),
            change.Id.ToString(),
            Limits.FirstPairs
        );

    private void RememberSeqs(string condition, DeviceId device, params object?[] values) =>
        sql.Execute(
            $"""
            insert or ignore into o_sent (change, device, seq)
            select change, $1, seq from o_outbox where seq is not null and {condition}
            """,
            [device.ToString(), .. values]
        );

    /// <summary>Leaves only the change's seq to be consumed.</summary>
    public void MakeVoid(OutboxChange change)
    {
        touched.Add(change.Entity);
        sql.Execute(
            "update o_outbox set op = 'void', fields = '{}', tx = null where position = $1",
            change.Position
        );
    }

    private OutboxChange? Find(string condition, object value) =>
        sql.Query($"select {Columns} from o_outbox where {condition}", Read, value)
            .SingleOrDefault();

    private static OutboxChange Read(SqliteDataReader row) =>
        new(
            row.GetInt64(0),
            new ChangeId(Guid.Parse(row.GetString(1))),
            row.IsDBNull(2) ? null : row.GetInt64(2),
            row.GetString(3),
            row.GetString(4),
            EnumNames<ChangeOp>.Read(row.GetString(5)),
            row.GetInt64(6),
            WireCodec.ReadFields(row.GetString(7)),
            row.IsDBNull(8) ? null : row.GetInt64(8),
            new EditTime(row.GetInt64(9), row.GetString(10), row.GetInt64(11))
        );
}
