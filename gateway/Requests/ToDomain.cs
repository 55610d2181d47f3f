using Orchestra.Grains.Interfaces;
using Orchestra.Sync;
using Orchestra.Sync.Errors;
using Orchestra.Sync.Wire;

namespace Orchestra.Gateway.Requests;

/// <summary>From the wire's shapes to the vocabulary. Checks shapes, never the catalog.</summary>
internal static class ToDomain
{
    public static DeviceInfo ToInfo(this WireDevice device) =>
        new(device.Id, device.Kind, device.Name, device.App);

    /// <exception cref="SyncException"><c>malformed</c> or <c>batch_too_large</c>.</exception>
    public static Push ToPush(this PushMessage message, DeviceId device)
    {
        if (message.Changes.Count == 0)
            throw new SyncException(ErrorCode.Malformed, "A push has a change", "changes");
        if (message.Changes.Count > Limits.PushChanges)
            throw new SyncException(
                ErrorCode.BatchTooLarge,
                $"A push may have {Limits.PushChanges} changes",
                "changes"
            );
        return new Push(
            device,
            message.Epoch,
            message.Settled,
            [.. message.Changes.Select(ToChange)],
            message.Replaces?.ToDeviceSeq()
        );
    }

    /// <param name="epoch">Which history.</param>
    /// <param name="version">After which version.</param>
    /// <param name="mark">The change id there.</param>
    /// <param name="floor">Set while row frames are under way.</param>
    /// <param name="versionMember">What the message calls the version.</param>
    /// <exception cref="SyncException"><c>cursor_invalid</c></exception>
    public static Cursor ToCursor(
        long epoch,
        long version,
        ChangeId? mark,
        long? floor,
        string versionMember
    )
    {
        RequireCounter(epoch, "epoch");
        RequireCounter(version, versionMember);
        RequireCounter(floor ?? 0, "floor");
        return new Cursor(epoch, version, mark, floor);
    }

    /// <exception cref="SyncException"><c>cursor_invalid</c></exception>
    public static void RequireCounter(long value, string field)
    {
        if (value is < 0 or > Limits.MaxInteger)
            throw new SyncException(ErrorCode.CursorInvalid, "A counter is 0 to 2^53 - 1", field);
    }

    private static Change ToChange(WireChange change) =>
        new(
            change.Seq,
            change.Change,
            change.Entity ?? "",
            change.Id ?? "",
            change.Op,
            change.Base,
            change.AgeMs,
            change.Fields ?? Change.NoFields,
            change.Tx,
            change.First is { } first ? [.. first.Select(ToDeviceSeq)] : null
        );

    private static DeviceSeq ToDeviceSeq(this WireDeviceSeq place) => new(place.Device, place.Seq);
}
