using System.Globalization;
using Orchestra.Sync;
using Orchestra.Sync.Decisions;
using Orchestra.Sync.Errors;
using Orchestra.Sync.Search;
using Orchestra.Sync.Store;
using Orchestra.Sync.Wire;

namespace Orchestra.Gateway.Requests;

/// <summary>From the vocabulary to the wire's shapes.</summary>
internal static class ToWire
{
    public static WireVerdict ToVerdict(this Verdict verdict) =>
        new(
            verdict.Seq,
            verdict.Status,
            verdict.Version,
            verdict.Fields,
            verdict.Was,
            verdict.Rejection?.Code.Name(),
            verdict.Rejection?.Message,
            verdict.Rejection?.Field
        );

    public static ChangesMessage ToMessage(this ChangesPage page, OwnerId owner, long? answers) =>
        new(
            owner,
            page.Epoch,
            page.From,
            page.To,
            page.More,
            [.. page.Entries.Select(ToEntry)],
            page.Mark,
            answers,
            page.Floor,
            page.Digest is { } digest ? Digest.Write(digest) : null,
            page.Rows
        );

    public static ResetMessage ToMessage(this Reset reset, OwnerId owner) =>
        new(owner, reset.Epoch, reset.Kept, reset.Reason);

    public static WireConflicts ToConflicts(this ConflictPage page) =>
        new(
            [.. page.Conflicts.Select(ToConflict)],
            page.Next is { } next
                ? string.Create(CultureInfo.InvariantCulture, $"{next.CommitNo}.{next.Ordinal}")
                : null
        );

    public static WireFound ToFound(this FoundPage page) =>
        new([.. page.Rows.Select(ToFoundRow)], page.Next?.ToString());

    public static WireDeviceRow ToDevice(this Row row) =>
        new(
            new DeviceId(row.Key.Id),
            Text(row["kind"]) ?? "",
            Text(row["name"]) ?? "",
            Text(row["app"]) ?? "",
            row["priority"] is { Kind: FieldValueKind.Integer } priority ? priority.AsInteger() : 0,
            Text(row["revoked_at"])
        );

    private static WireEntry ToEntry(PageEntry entry) =>
        new(
            entry.Version,
            entry.Row.Entity,
            entry.Row.Id,
            entry.Present ? WireOp.Put : WireOp.Delete,
            entry.Device,
            entry.EditedAt,
            entry.Fields,
            entry.Seq,
            entry.Change
        );

    private static WireConflict ToConflict(Conflict conflict) =>
        new(
            conflict.Verdict,
            conflict.Entity,
            conflict.RowId,
            conflict.Device,
            conflict.Seq,
            conflict.Change,
            conflict.Op,
            conflict.Fields,
            conflict.RecordedAt,
            conflict.Version,
            conflict.WinnerVersion,
            conflict.Code?.Name(),
            conflict.Field
        );

    private static WireFoundRow ToFoundRow(FoundRow row) =>
        new(
            row.Place.Entity,
            row.Place.Id,
            row.Place.Rank,
            row.Snippet.Field,
            row.Snippet.Text,
            [.. row.Snippet.Highlights.Select(mark => new[] { mark.Start, mark.Length })]
        );

    private static string? Text(FieldValue value) =>
        value.Kind == FieldValueKind.Text ? value.AsText() : null;
}
