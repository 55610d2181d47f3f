using System.Globalization;
using Orchestra.Client.Local;
using Orchestra.Sync;
using Orchestra.Sync.Decisions;
using Orchestra.Sync.Errors;
using Orchestra.Sync.Wire;

namespace Orchestra.Client.Apply;

/// <summary>
/// Applies one frame within the caller's transaction: rows, cursor, digest and the outbox move
/// together. See docs/protocol.md, Frames.
/// </summary>
internal static class FrameApplier
{
    /// <exception cref="SyncException">
    /// <c>device_forked</c>: the frame holds a change that this device's id made elsewhere.
    /// </exception>
    public static AppliedFrame Apply(LocalTransaction transaction, ChangesMessage frame)
    {
        var cursor = transaction.State.Cursor;
        if (frame.Epoch != cursor.Epoch)
            return AppliedFrame.Nothing(FrameOutcome.Foreign);
        if (
            !SeededBugs.MissingGapDetection
            && (frame.From > cursor.Version || IsLogFrameTooEarly(cursor, frame))
        )
            return AppliedFrame.Nothing(FrameOutcome.Gap);
        if (frame.To < cursor.Version)
            return AppliedFrame.Nothing(FrameOutcome.Known);
        var entries = frame.Changes.Where(entry => entry.Version > cursor.Version).ToList();
        foreach (var entry in entries)
            Write(transaction, frame, entry);
        Advance(transaction, frame);
        return new(frame.To > cursor.Version ? FrameOutcome.Applied : FrameOutcome.Known, entries);
    }

    /// <summary>
    /// While row frames are under way, rows below the cursor's version may still be missing, and a
    /// log frame would move the cursor past them.
    /// </summary>
    private static bool IsLogFrameTooEarly(Cursor cursor, ChangesMessage frame) =>
        cursor.Floor is not null && frame.Floor is null && frame.To > cursor.Version;

    private static void Write(LocalTransaction transaction, ChangesMessage frame, WireEntry entry)
    {
        RecordEcho(transaction, frame, entry);
        transaction.Touched.Add(entry.Entity);
        var table = transaction.Tables[entry.Entity];
        var before = table.Find(entry.Id);
        // Only row frames come to rows that are here already, when a device takes more types.
        if (frame.Floor is not null && before?.Version == entry.Version)
            return;
        Invariant.Require(before is null || entry.Version > before.Value.Version);
        var wasPresent = before is { IsPresent: true };
        var isPresent = entry.Op == WireOp.Put;
        table.Write(entry, isWhole: frame.Floor is not null || !wasPresent);
        var state = transaction.State;
        transaction.State = state with
        {
            Digest =
                state.Digest
                ^ (
                    wasPresent && (isPresent || !SeededBugs.DigestNotUpdatedOnDelete)
                        ? Digest.Of(entry.Id, before!.Value.Version)
                        : 0
                )
                ^ (isPresent ? Digest.Of(entry.Id, entry.Version) : 0),
            Rows = state.Rows + (isPresent ? 1 : 0) - (wasPresent ? 1 : 0),
        };
    }

    private static void RecordEcho(
        LocalTransaction transaction,
        ChangesMessage frame,
        WireEntry entry
    )
    {
        if (
            frame.Floor is not null
            || entry.Device != transaction.State.Device
            || entry.Change is not { } change
        )
            return;
        if (transaction.Outbox.FindByChange(change) is null)
            throw new SyncException(
                ErrorCode.DeviceForked,
                "The server has a change of this device that this database never made: "
                    + "the database was copied, and both copies are in use"
            );
        transaction.Outbox.RecordEcho(change, entry.Version);
    }

    private static void Advance(LocalTransaction transaction, ChangesMessage frame)
    {
        transaction.HeardFromServer();
        var state = transaction.State;
        var isComplete = frame.Floor is null ? state.IsComplete : !frame.More;
        transaction.State = state with
        {
            Cursor = new Cursor(
                frame.Epoch,
                frame.To,
                frame.Mark ?? (frame.To == state.Cursor.Version ? state.Cursor.Mark : null),
                isComplete ? null : frame.Floor ?? state.Cursor.Floor
            ),
            Compared =
                isComplete && frame is { Digest: { } digest, Rows: { } rows }
                    ? new DigestComparison(
                        frame.To,
                        ulong.Parse(digest, NumberStyles.HexNumber, CultureInfo.InvariantCulture),
                        rows
                    )
                    : state.Compared,
        };
        if (isComplete)
            transaction.Outbox.RemoveDelivered(frame.To);
    }
}
