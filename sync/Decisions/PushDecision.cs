namespace Orchestra.Sync.Decisions;

/// <summary>Takes one push, change by change, and moves its device's sequence.</summary>
internal static class PushDecision
{
    /// <returns>One a change, as far as they were taken before the batch became too heavy.</returns>
    public static IReadOnlyList<Verdict> Take(Batch batch, OwnerState state, ReceivedPush push)
    {
        var verdicts = new List<Verdict>(push.Changes.Count);
        for (var i = 0; i < push.Changes.Count && !batch.IsTooHeavy; )
        {
            var change = push.Changes[i];
            if (
                !push.IsServer
                && SequenceCheck.FindDuplicate(state, push.Device, change.Sent) is { } first
            )
            {
                verdicts.Add(Repeat(change.Sent.Seq, first));
                i++;
                continue;
            }
            if (change.Sent.Tx is null)
            {
                verdicts.Add(batch.TakeAlone(AttemptOf(state, push, change)));
                i++;
                continue;
            }
            var together = CountTogether(state, push, i);
            verdicts.AddRange(
                batch.TakeTogether([
                    .. push
                        .Changes.Skip(i)
                        .Take(together)
                        .Select(item => AttemptOf(state, push, item)),
                ])
            );
            i += together;
        }
        return verdicts;
    }

    /// <summary>The device's sequence after a push, with the verdicts it may ask for again.</summary>
    public static DeviceCursor Advance(
        DeviceCursor cursor,
        ReceivedPush push,
        IReadOnlyList<Verdict> verdicts
    )
    {
        var settled = Math.Min(push.Settled, cursor.LastSeq);
        var recent = cursor.Recent.Where(verdict => verdict.Seq > settled).ToList();
        var last = (Seq: cursor.LastSeq, Change: cursor.LastChange);
        for (var i = 0; i < verdicts.Count; i++)
        {
            var (verdict, sent) = (verdicts[i], push.Changes[i].Sent);
            if (verdict.Seq <= cursor.LastSeq)
                continue;
            recent.Add(
                new(
                    verdict.Seq,
                    sent.Id,
                    verdict.Was ?? verdict.Status,
                    verdict.Version,
                    verdict.Rejection?.Code
                )
            );
            last = (verdict.Seq, sent.Id);
        }
        if (last.Seq == cursor.LastSeq && recent.Count == cursor.Recent.Count)
            return cursor;
        recent.RemoveRange(0, Math.Max(0, recent.Count - Limits.RecentVerdicts));
        return cursor with { LastSeq = last.Seq, LastChange = last.Change, Recent = recent };
    }

    /// <summary>How many changes from here on share its transaction.</summary>
    private static int CountTogether(OwnerState state, ReceivedPush push, int start)
    {
        var tx = push.Changes[start].Sent.Tx;
        var count = 1;
        while (
            start + count < push.Changes.Count
            && push.Changes[start + count].Sent is var next
            && next.Tx == tx
            && SequenceCheck.FindDuplicate(state, push.Device, next) is null
        )
            count++;
        return count;
    }

    private static Verdict Repeat(long seq, RecentVerdict first) =>
        new(
            seq,
            ChangeStatus.Duplicate,
            first.Version,
            Was: first.Status,
            Rejection: first.Code is { } code ? new(code, "Rejected when it first arrived") : null
        );

    private static Attempt AttemptOf(OwnerState state, ReceivedPush push, CheckedChange change)
    {
        // An age out of bounds is rejected further on, but must not overflow before it is.
        var age = TimeSpan.FromMilliseconds(Math.Clamp(change.Sent.AgeMs, 0, Limits.MaxAgeMs));
        var editedAt = push.Receipt - age;
        var priority = push.IsServer ? 0 : state.PriorityOf(push.Device);
        var stamp = new Stamp(editedAt.ToMilliseconds(), priority, push.Device, change.Sent.Seq);
        var knowledge = push.IsServer
            ? new Knowledge([], IsServer: true)
            : new Knowledge(state.OwnWritesBefore(push.Device, change.Sent.Seq), IsServer: false);
        return new(change, stamp, knowledge);
    }
}
