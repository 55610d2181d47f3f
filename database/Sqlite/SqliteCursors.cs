using Microsoft.Data.Sqlite;
using Orchestra.Database.Values;
using Orchestra.Sync;
using Orchestra.Sync.Store;

namespace Orchestra.Database.Sqlite;

/// <summary>Each device's sequence, and how far it says it has come.</summary>
internal static class SqliteCursors
{
    private const string Select = """
        select device_id, last_seq, last_change, recent, replaces_device, replaces_seq
        from device_cursor
        where owner_id = @owner
        order by device_id
        """;

    private const string Upsert = """
        insert into device_cursor (owner_id, device_id, last_seq, last_change, recent,
            replaces_device, replaces_seq, acked_version, last_seen_at)
        values (@owner, @device, @seq, @change, @recent, @replaces, @replaces_seq, 0, @at)
        on conflict (owner_id, device_id) do update
        set last_seq = excluded.last_seq, last_change = excluded.last_change,
            recent = excluded.recent, replaces_device = excluded.replaces_device,
            replaces_seq = excluded.replaces_seq,
            last_seen_at = max(last_seen_at, excluded.last_seen_at)
        """;

    private const string Acknowledge = """
        update device_cursor
        set acked_version = max(acked_version, @version), last_seen_at = max(last_seen_at, @at)
        where owner_id = @owner and device_id = @device
        """;

    private const string SelectAcks = """
        select device_id, acked_version, last_seen_at from device_cursor
        where owner_id = @owner
        order by device_id
        """;

    public static List<DeviceCursor> ReadAll(SqliteSession session, OwnerId owner) =>
        session.List(Select, Read, ("@owner", owner.Value.ToColumn()));

    public static void Write(
        SqliteSession session,
        OwnerId owner,
        DeviceCursor cursor,
        DateTimeOffset at
    ) =>
        session.Execute(
            Upsert,
            ("@owner", owner.Value.ToColumn()),
            ("@device", cursor.Device.Value.ToColumn()),
            ("@seq", cursor.LastSeq),
            ("@change", cursor.LastChange?.Value.ToColumn()),
            ("@recent", RecentVerdicts.Write(cursor.Recent)),
            ("@replaces", cursor.Replaces?.Device.Value.ToColumn()),
            ("@replaces_seq", cursor.Replaces?.Seq),
            ("@at", at.ToColumn())
        );

    /// <summary>Never backwards, and only where the device has a sequence.</summary>
    public static void WriteAck(SqliteSession session, DeviceAck ack) =>
        session.Execute(
            Acknowledge,
            ("@owner", ack.Owner.Value.ToColumn()),
            ("@device", ack.Device.Value.ToColumn()),
            ("@version", ack.Version),
            ("@at", ack.SeenAt.ToColumn())
        );

    public static List<DeviceAck> ReadAcks(SqliteSession session, OwnerId owner) =>
        session.List(
            SelectAcks,
            row => new DeviceAck(
                owner,
                new DeviceId(row.GetUuid(0)),
                row.GetInt64(1),
                row.GetTime(2)
            ),
            ("@owner", owner.Value.ToColumn())
        );

    private static DeviceCursor Read(SqliteDataReader row) =>
        new(
            new DeviceId(row.GetUuid(0)),
            row.GetInt64(1),
            row.GetUuidOrNull(2) is { } change ? new ChangeId(change) : null,
            RecentVerdicts.Read(row.GetString(3)),
            row.GetUuidOrNull(4) is { } replaced
                ? new DeviceSeq(new DeviceId(replaced), row.GetInt64(5))
                : null
        );
}
