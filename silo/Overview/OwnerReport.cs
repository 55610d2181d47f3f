using Orchestra.Grains.Interfaces;
using Orchestra.Sync;
using Orchestra.Sync.Errors;
using Orchestra.Sync.Store;
using Orchestra.Sync.Wire;

namespace Orchestra.Silo.Overview;

/// <summary>
/// An owner as the page shows him: ids, numbers and times, and of what was written nothing but what the
/// devices are called.
/// </summary>
/// <param name="Head">His counters.</param>
/// <param name="Devices">Those that may write before those that may not, the last seen first.</param>
/// <param name="Log">What was written last, the newest first.</param>
/// <param name="Conflicts">What lost last, the newest first.</param>
internal sealed record OwnerReport(
    HeadReport Head,
    IReadOnlyList<DeviceReport> Devices,
    IReadOnlyList<LogReport> Log,
    IReadOnlyList<ConflictReport> Conflicts
)
{
    /// <param name="view">As the database has it.</param>
    /// <param name="log">The end of his log; null if it is too old to be there.</param>
    /// <param name="conflicts">The newest.</param>
    public static OwnerReport Of(OwnerView view, ChangesPage? log, ConflictPage conflicts)
    {
        var head = view.Record.Head;
        var cursors = view.Record.Cursors.ToDictionary(cursor => cursor.Device);
        var acks = view.Acks.ToDictionary(ack => ack.Device);
        return new(
            HeadReport.Of(head),
            [
                .. view
                    .Record.Devices.Select(row =>
                    {
                        var id = new DeviceId(row.Key.Id);
                        return DeviceReport.Of(
                            row,
                            head,
                            cursors.GetValueOrDefault(id),
                            acks.TryGetValue(id, out var ack) ? ack : null
                        );
                    })
                    .OrderBy(device => device.RevokedAt is not null)
                    .ThenByDescending(device => device.SeenAt),
            ],
            [.. (log?.Entries ?? []).Reverse().Select(LogReport.Of)],
            [.. conflicts.Conflicts.Select(ConflictReport.Of)]
        );
    }
}

internal sealed record HeadReport(
    long Version,
    long Epoch,
    long CommitNo,
    long Rows,
    string Digest,
    DateTimeOffset LastCommitAt,
    long LogHorizon,
    long TombstoneHorizon
)
{
    public static HeadReport Of(OwnerHead head) =>
        new(
            head.Version,
            head.Epoch,
            head.CommitNo,
            head.Rows,
            $"{head.Digest:x16}",
            head.LastCommitAt,
            head.LogHorizon,
            head.TombstoneHorizon
        );
}

/// <param name="Id">Which.</param>
/// <param name="Name">What the user calls it.</param>
/// <param name="Kind">desktop, web, …</param>
/// <param name="App">Its program.</param>
/// <param name="Priority">In ties.</param>
/// <param name="LastSeq">The last of its changes that was taken.</param>
/// <param name="Unsettled">Verdicts that it has not confirmed.</param>
/// <param name="Acked">It has applied the history up to here; null = it never said so.</param>
/// <param name="Behind">How many changes it lacks.</param>
/// <param name="SeenAt">When it last pushed or acknowledged.</param>
/// <param name="RevokedAt">When it was barred.</param>
internal sealed record DeviceReport(
    string Id,
    string Name,
    string Kind,
    string App,
    long Priority,
    long LastSeq,
    int Unsettled,
    long? Acked,
    long Behind,
    DateTimeOffset? SeenAt,
    string? RevokedAt
)
{
    public static DeviceReport Of(Row row, OwnerHead head, DeviceCursor? cursor, DeviceAck? ack) =>
        new(
            row.Key.Id.ToString(),
            row["name"].AsText(),
            row["kind"].AsText(),
            row["app"].AsText(),
            row["priority"].AsInteger(),
            cursor?.LastSeq ?? 0,
            cursor?.Recent.Count ?? 0,
            ack?.Version,
            head.Version - (ack?.Version ?? 0),
            ack?.SeenAt,
            row["revoked_at"] is { IsNull: false } at ? at.AsText() : null
        );
}

/// <param name="Fields">Names only.</param>
internal sealed record LogReport(
    long Version,
    string Row,
    bool IsPresent,
    string Device,
    DateTimeOffset EditedAt,
    IReadOnlyList<string> Fields
)
{
    public static LogReport Of(PageEntry entry) =>
        new(
            entry.Version,
            entry.Row.ToString(),
            entry.Present,
            entry.Device.ToString(),
            entry.EditedAt,
            [.. entry.Fields.Keys.Order(StringComparer.Ordinal)]
        );
}

/// <param name="Fields">Names only.</param>
internal sealed record ConflictReport(
    DateTimeOffset At,
    string Verdict,
    string Entity,
    string RowId,
    string Device,
    long Seq,
    long? Version,
    long? WinnerVersion,
    string? Code,
    IReadOnlyList<string> Fields
)
{
    public static ConflictReport Of(Conflict conflict) =>
        new(
            conflict.RecordedAt,
            EnumNames<ConflictVerdict>.Write(conflict.Verdict),
            conflict.Entity,
            conflict.RowId,
            conflict.Device.ToString(),
            conflict.Seq,
            conflict.Version,
            conflict.WinnerVersion,
            conflict.Code?.Name(),
            [.. conflict.Fields.Keys.Order(StringComparer.Ordinal)]
        );
}
