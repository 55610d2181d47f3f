using System.Text;
using Orchestra.Client.Local;
using Orchestra.Sync;
using Orchestra.Sync.Catalog;
using Orchestra.Sync.Wire;

namespace Orchestra.Client.Outbox;

/// <summary>What fits one push.</summary>
/// <param name="Changes">At most so many, unless a transaction alone has more.</param>
/// <param name="Bytes">At most so many as JSON, unless a transaction alone has more.</param>
internal readonly record struct BatchLimit(int Changes, int Bytes);

/// <summary>
/// The next changes to send. Those that were never sent are given their seq here, in the caller's
/// transaction, which must commit before they go out.
/// </summary>
internal static class PushBatch
{
    /// <summary>What a change costs besides its fields: ids, names, punctuation.</summary>
    private const int ChangeBytes = 320;

    public static IReadOnlyList<OutboxChange> Take(
        LocalTransaction transaction,
        long afterSeq,
        BatchLimit limit
    )
    {
        // Twice the limit, so that a transaction that begins within it is seen whole.
        var waiting = transaction.Outbox.Unanswered(afterSeq, 2 * Limits.PushChanges);
        var batch = new List<OutboxChange>();
        var bytes = 0;
        foreach (var group in Groups(waiting))
        {
            bytes += group.Sum(Size);
            var fits = batch.Count + group.Count <= limit.Changes && bytes <= limit.Bytes;
            if (!fits && batch.Count > 0)
                break;
            batch.AddRange(group.Select(change => Trim(transaction.Tables.Catalog, change)));
        }
        return AssignSeqs(transaction, batch);
    }

    /// <summary>Changes side by side that must travel together.</summary>
    public static List<List<OutboxChange>> Groups(IReadOnlyList<OutboxChange> changes)
    {
        var groups = new List<List<OutboxChange>>();
        foreach (var change in changes)
        {
            if (change.Tx is not null && groups.Count > 0 && groups[^1][0].Tx == change.Tx)
                groups[^1].Add(change);
            else
                groups.Add([change]);
        }
        return groups;
    }

    private static List<OutboxChange> AssignSeqs(
        LocalTransaction transaction,
        List<OutboxChange> batch
    )
    {
        var wasRenumbered = transaction.Outbox.HasSentBefore();
        for (var i = 0; i < batch.Count; i++)
        {
            if (batch[i].Seq is null)
            {
                var seq = transaction.State.LastSeq + 1;
                transaction.Outbox.AssignSeq(batch[i], seq);
                transaction.State = transaction.State with { LastSeq = seq };
                batch[i] = batch[i] with { Seq = seq };
            }
            if (wasRenumbered)
                batch[i] = batch[i] with { First = transaction.Outbox.SentBefore(batch[i]) };
            Invariant.Require(i == 0 || batch[i].Seq == batch[i - 1].Seq + 1);
        }
        return batch;
    }

    /// <summary>
    /// A create says null of every field that it leaves empty. Of one that this server does not have,
    /// because it is older than the last one met, that says nothing.
    /// </summary>
    private static OutboxChange Trim(EntityCatalog catalog, OutboxChange change) =>
        catalog.Find(change.Entity) is { } type
        && change.Fields.Any(pair => pair.Value.IsNull && type.Find(pair.Key) is null)
            ? change with
            {
                Fields = change
                    .Fields.Where(pair => !pair.Value.IsNull || type.Find(pair.Key) is not null)
                    .ToDictionary(),
            }
            : change;

    private static int Size(OutboxChange change) =>
        ChangeBytes + Encoding.UTF8.GetByteCount(WireCodec.WriteFields(change.Fields));
}
