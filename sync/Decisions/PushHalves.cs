using Orchestra.Sync.Errors;

namespace Orchestra.Sync.Decisions;

/// <summary>How a push is taken apart when the store refuses something in it.</summary>
public static class PushHalves
{
    /// <summary>Two pushes that amount to the same; null where nothing can be separated.</summary>
    public static (ReceivedPush Left, ReceivedPush Right)? Split(ReceivedPush push)
    {
        var changes = push.Changes;
        var cuts = Enumerable
            .Range(1, Math.Max(0, changes.Count - 1))
            .Where(i => changes[i].Sent.Tx is null || changes[i].Sent.Tx != changes[i - 1].Sent.Tx)
            .ToList();
        if (cuts.Count == 0)
            return null;
        var cut = cuts[cuts.Count / 2];
        return (push.UpTo(cut), push.From(cut));
    }

    /// <summary>The push with all its writes rejected: their seqs are consumed, the queue goes on.</summary>
    /// <exception cref="InvariantException">Nothing in it could have offended the store.</exception>
    public static ReceivedPush Refuse(ReceivedPush push)
    {
        Invariant.Require(push.Changes.Any(change => change.IsWrite));
        var why = new Rejection(ErrorCode.InvalidValue, "The store cannot hold one of its values");
        return push with { Changes = [.. push.Changes.Select(change => change.Refuse(why))] };
    }
}
