using System.Collections.Immutable;
using Orchestra.Sync.Store;

namespace Orchestra.Sync.Decisions;

/// <summary>What a grain remembers of its owner between commits. Never ahead of the store.</summary>
/// <param name="Owner">Who.</param>
/// <param name="Head">The counters.</param>
/// <param name="Cursors">Each device's sequence.</param>
/// <param name="Devices">Each device's row, revoked ones included.</param>
public sealed record OwnerState(
    OwnerId Owner,
    OwnerHead Head,
    ImmutableDictionary<DeviceId, DeviceCursor> Cursors,
    ImmutableDictionary<DeviceId, Row> Devices
)
{
    /// <param name="owner">Who.</param>
    /// <param name="record">What the store has; null for an owner nobody has seen.</param>
    /// <param name="now">When such an owner's history begins.</param>
    public static OwnerState From(OwnerId owner, OwnerRecord? record, DateTimeOffset now) =>
        record is null
            ? new(
                owner,
                OwnerHead.New(now),
                ImmutableDictionary<DeviceId, DeviceCursor>.Empty,
                ImmutableDictionary<DeviceId, Row>.Empty
            )
            : new(
                owner,
                record.Head,
                record.Cursors.ToImmutableDictionary(cursor => cursor.Device),
                record.Devices.ToImmutableDictionary(row => new DeviceId(row.Key.Id))
            );

    public bool IsRevoked(DeviceId device) =>
        Devices.TryGetValue(device, out var row) && !row["revoked_at"].IsNull;

    /// <summary>What its writes weigh in a tie.</summary>
    public int PriorityOf(DeviceId device) =>
        Devices.TryGetValue(device, out var row) && !row["priority"].IsNull
            ? (int)row["priority"].AsInteger()
            : 0;

    public DeviceCursor CursorOf(DeviceId device) =>
        Cursors.GetValueOrDefault(device) ?? DeviceCursor.New(device);

    /// <summary>
    /// The devices whose earlier writes a change of <paramref name="device"/> knows: itself, and
    /// the identities it gave up one after the other.
    /// </summary>
    public IReadOnlyList<DeviceSeq> OwnWritesBefore(DeviceId device, long seq)
    {
        var own = new List<DeviceSeq>(1) { new(device, seq - 1) };
        for (
            var replaced = CursorOf(device).Replaces;
            replaced is { } earlier && own.TrueForAll(item => item.Device != earlier.Device);
            replaced = CursorOf(earlier.Device).Replaces
        )
            own.Add(earlier);
        return own;
    }
}
