using Orchestra.Client.Local;
using Orchestra.Sync;
using Orchestra.Sync.Wire;

namespace Orchestra.Client.Outbox;

/// <summary>
/// Takes a push's answer. A verdict alters neither rows nor cursor; it only lets a change leave the
/// outbox when the server rows contain it already, or never will.
/// </summary>
internal static class VerdictRecorder
{
    public static void Record(LocalTransaction transaction, PushedMessage pushed)
    {
        transaction.HeardFromServer();
        foreach (var verdict in pushed.Results)
            Record(transaction, verdict);
        if (transaction.State.IsComplete)
            transaction.Outbox.RemoveDelivered(transaction.State.Cursor.Version);
    }

    private static void Record(LocalTransaction transaction, WireVerdict verdict)
    {
        // Answered before, on an earlier connection.
        if (transaction.Outbox.FindBySeq(verdict.Seq) is not { } change)
            return;
        Acknowledge(transaction, verdict.Seq, change.Id);
        var status =
            verdict.Status == ChangeStatus.Duplicate
                ? verdict.Was ?? ChangeStatus.Applied
                : verdict.Status;
        Keep(transaction, change, status, verdict);
        if (status is ChangeStatus.Rejected or ChangeStatus.Void)
            transaction.Outbox.Remove(change);
        else
            transaction.Outbox.RecordVerdict(change, status, verdict.Version);
    }

    private static void Acknowledge(LocalTransaction transaction, long seq, ChangeId change)
    {
        if (seq > (transaction.State.Acknowledged?.Seq ?? 0))
            transaction.State = transaction.State with
            {
                Acknowledged = new SentChange(seq, change),
                // The server has heard of it with the push that it answers.
                Replaces = null,
            };
    }

    /// <summary>What the change lost goes into the conflict record.</summary>
    private static void Keep(
        LocalTransaction transaction,
        OutboxChange change,
        ChangeStatus status,
        WireVerdict verdict
    )
    {
        ConflictVerdict? lost = status switch
        {
            ChangeStatus.Merged => ConflictVerdict.Merged,
            ChangeStatus.Superseded => ConflictVerdict.Superseded,
            ChangeStatus.Rejected => ConflictVerdict.Rejected,
            _ => null,
        };
        if (lost is null || !IsAnEdit(change, status))
            return;
        transaction.Conflicts.Add(
            new LocalConflict(
                change.Id,
                lost.Value,
                change.Entity,
                change.RowId,
                change.Op,
                verdict.Version,
                verdict.Code,
                verdict.Message,
                verdict.Field,
                LostFields(change, status, verdict),
                verdict.Fields
            )
        );
    }

    /// <summary>
    /// Offers are meant to lose against anything newer. One that was refused is another matter: no
    /// one else may have its row.
    /// </summary>
    private static bool IsAnEdit(OutboxChange change, ChangeStatus status) =>
        change.Op switch
        {
            ChangeOp.Void or ChangeOp.OfferDelete => false,
            ChangeOp.Offer => status == ChangeStatus.Rejected,
            _ => true,
        };

    private static IReadOnlyDictionary<string, FieldValue> LostFields(
        OutboxChange change,
        ChangeStatus status,
        WireVerdict verdict
    ) =>
        status == ChangeStatus.Merged && verdict.Fields is { } winning
            ? change.Fields.Where(pair => winning.ContainsKey(pair.Key)).ToDictionary()
            : change.Fields;
}
