using Npgsql;
using Orchestra.Database.Values;
using Orchestra.Sync;
using Orchestra.Sync.Store;
using static Orchestra.Database.Postgres.PostgresValues;

namespace Orchestra.Database.Postgres;

/// <summary>Each device's sequence, and how far it says it has come.</summary>
internal static class PostgresCursors
{
    private const string Select = """
        select device_id, last_seq, last_change, recent, replaces_device, replaces_seq
        from orchestra.device_cursor
        where owner_id = $1
        order by device_id
        """;

    private const string SelectOfMany = """
        select device_id, last_seq, last_change, recent, replaces_device, replaces_seq, owner_id
        from orchestra.device_cursor
        where owner_id = any ($1)
        """;

    private static readonly string Upsert = $"""
        insert into orchestra.device_cursor as d (owner_id, device_id, last_seq, last_change, recent,
            replaces_device, replaces_seq, acked_version, last_seen_at)
        select c.owner_id, c.device_id, c.last_seq, c.last_change, c.recent, c.replaces_device,
            c.replaces_seq, 0, h.last_commit_at
        from unnest($1::uuid[], $2::uuid[], $3::bigint[], $4::uuid[], $5::jsonb[], $6::uuid[],
            $7::bigint[]) as c (owner_id, device_id, last_seq, last_change, recent, replaces_device,
            replaces_seq)
        {PostgresHeads.JoinPassed("c", 8)}
        on conflict (owner_id, device_id) do update
        set last_seq = excluded.last_seq, last_change = excluded.last_change,
            recent = excluded.recent, replaces_device = excluded.replaces_device,
            replaces_seq = excluded.replaces_seq,
            last_seen_at = greatest(d.last_seen_at, excluded.last_seen_at)
        """;

    /// <summary>
    /// Never backwards, and only where the device has a sequence. A row that a commit is writing just
    /// now is left out rather than waited for: the device says it again.
    /// </summary>
    private const string Acknowledge = """
        with said as (
            select owner_id, device_id, max(version) as version, max(at) as at
            from unnest($1::uuid[], $2::uuid[], $3::bigint[], $4::timestamptz[])
                as a (owner_id, device_id, version, at)
            group by owner_id, device_id
        ),
        locked as (
            select d.owner_id, d.device_id from orchestra.device_cursor d
            join said on said.owner_id = d.owner_id and said.device_id = d.device_id
            order by d.owner_id, d.device_id
            for no key update of d skip locked
        )
        update orchestra.device_cursor d
        set acked_version = greatest(d.acked_version, said.version),
            last_seen_at = greatest(d.last_seen_at, said.at)
        from locked join said using (owner_id, device_id)
        where d.owner_id = locked.owner_id and d.device_id = locked.device_id
        """;

    private const string SelectAcks = """
        select device_id, acked_version, last_seen_at from orchestra.device_cursor
        where owner_id = $1
        order by device_id
        """;

    /// <summary>How many columns <see cref="Read"/> reads; a wider query has its own after them.</summary>
    public const int Columns = 6;

    /// <summary>Those of some owners, with the owner after the columns.</summary>
    public static Statement SelectAll(Guid[] owners) => new(SelectOfMany, Of(owners));

    /// <summary>Read with <see cref="Read"/>.</summary>
    public static Statement SelectOf(OwnerId owner) => new(Select, Of(owner.Value));

    public static Statement Write(
        IReadOnlyCollection<(OwnerId Owner, DeviceCursor Cursor)> cursors,
        Guid batch
    ) =>
        new(
            Upsert,
            Array(cursors, item => item.Owner.Value),
            Array(cursors, item => item.Cursor.Device.Value),
            Array(cursors, item => item.Cursor.LastSeq),
            Array(cursors, item => item.Cursor.LastChange?.Value),
            Json(cursors, item => RecentVerdicts.Write(item.Cursor.Recent)),
            Array(cursors, item => item.Cursor.Replaces?.Device.Value),
            Array(cursors, item => item.Cursor.Replaces?.Seq),
            Of(batch)
        );

    public static Statement WriteAcks(IReadOnlyCollection<DeviceAck> acks) =>
        new(
            Acknowledge,
            Array(acks, ack => ack.Owner.Value),
            Array(acks, ack => ack.Device.Value),
            Array(acks, ack => ack.Version),
            Times(acks, ack => ack.SeenAt)
        );

    public static Task<List<DeviceAck>> ReadAcksAsync(PostgresSession session, OwnerId owner) =>
        session.ListAsync(
            new(SelectAcks, Of(owner.Value)),
            row => new DeviceAck(
                owner,
                new DeviceId(row.GetGuid(0)),
                row.GetInt64(1),
                row.GetFieldValue<DateTimeOffset>(2)
            )
        );

    public static DeviceCursor Read(NpgsqlDataReader row) =>
        new(
            new DeviceId(row.GetGuid(0)),
            row.GetInt64(1),
            row.GetUuidOrNull(2) is { } change ? new ChangeId(change) : null,
            RecentVerdicts.Read(row.GetString(3)),
            row.GetUuidOrNull(4) is { } replaced
                ? new DeviceSeq(new DeviceId(replaced), row.GetInt64(5))
                : null
        );
}
