using Orchestra.Sync.Errors;

namespace Orchestra.Sync.Decisions;

/// <summary>Exactly once: what a device's seqs say about a push, before anything is decided.</summary>
internal static class SequenceCheck
{
    /// <summary>Why a push cannot be taken at all; null if it can.</summary>
    public static SyncException? Check(OwnerState state, ReceivedPush push)
    {
        if (push.Epoch != state.Head.Epoch)
            return new(ErrorCode.EpochChanged, "The owner's history was rewritten", "epoch");
        if (push.Changes.Count > Limits.PushChanges)
            return new(
                ErrorCode.BatchTooLarge,
                $"More than {Limits.PushChanges} changes in one push",
                "changes"
            );
        if (state.IsRevoked(push.Device))
            return new(ErrorCode.DeviceRevoked, "This device was revoked", "device");
        if (!state.Devices.ContainsKey(push.Device))
            return new(ErrorCode.NotFound, "This device has not said hello", "device");
        if (push.Replaces is { } replaced && !state.Cursors.ContainsKey(replaced.Device))
            return new(
                ErrorCode.InvalidValue,
                "It replaces a device that is not there",
                "replaces"
            );
        return CheckSeqs(state.CursorOf(push.Device), push);
    }

    private static SyncException? CheckSeqs(DeviceCursor cursor, ReceivedPush push)
    {
        var due = cursor.LastSeq + 1;
        for (var i = 0; i < push.Changes.Count; i++)
        {
            var sent = push.Changes[i].Sent;
            var expected = i == 0 ? Math.Min(sent.Seq, due) : push.Changes[i - 1].Sent.Seq + 1;
            if (sent.Seq != expected || sent.Seq < 1)
                return new(ErrorCode.SequenceGap, "A seq is missing before this one", "seq")
                {
                    ExpectedSeq = i == 0 ? due : expected,
                };
            if (sent.Seq < due && FindKept(cursor, sent.Seq)?.Change != sent.Id)
                return new(
                    ErrorCode.DeviceForked,
                    "Another installation has used this seq under the same device id",
                    "seq"
                );
        }
        return null;
    }

    /// <summary>The first verdict on a change that is known already, under any of its seqs.</summary>
    public static RecentVerdict? FindDuplicate(OwnerState state, DeviceId device, Change change)
    {
        var cursor = state.CursorOf(device);
        if (change.Seq <= cursor.LastSeq)
            return FindKept(cursor, change.Seq);
        foreach (var earlier in change.First ?? [])
            if (
                FindKept(state.CursorOf(earlier.Device), earlier.Seq) is { } kept
                && kept.Change == change.Id
            )
                return kept;
        return null;
    }

    private static RecentVerdict? FindKept(DeviceCursor cursor, long seq)
    {
        var recent = cursor.Recent;
        // Without gaps in seq order: the place follows from the first.
        var at = recent.Count == 0 ? -1 : seq - recent[0].Seq;
        return at >= 0 && at < recent.Count ? recent[(int)at] : null;
    }
}
