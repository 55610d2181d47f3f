using Orchestra.Sync.Catalog;
using Orchestra.Sync.Store;

namespace Orchestra.Sync.Decisions;

/// <summary>Which rows must be loaded before pushes can be decided.</summary>
public static class RowNeeds
{
    public static IReadOnlyCollection<RowNeed> Of(IReadOnlyList<ReceivedPush> pushes)
    {
        var needs = new Dictionary<RowKey, RowNeed>();
        var writes = (
            from push in pushes
            from change in push.Changes
            where change.IsWrite
            select (Change: change, Base: BaseOf(push, change))
        ).ToList();
        var deletes = writes.Exists(write => write.Change.IsDelete);
        foreach (var (change, known) in writes)
        {
            // A row that moves below one that is deleted in the same batch goes with it, and so
            // does what is below it.
            var moves = deletes && References(change).Any();
            Add(needs, new RowNeed(change.Row, known, change.IsDelete || moves));
            foreach (var parent in References(change))
                Add(needs, new RowNeed(parent, null, false));
        }
        return needs.Values;
    }

    /// <summary>From where on the row's history matters; the server knows all of it.</summary>
    private static long? BaseOf(ReceivedPush push, CheckedChange change) =>
        push.IsServer ? null
        : change.IsOffer ? 0
        : change.Sent.Base;

    /// <summary>The rows that a change's own fields refer to.</summary>
    private static IEnumerable<RowKey> References(CheckedChange change) =>
        from field in change.Type!.Fields
        where field.References is not null
        let value = change.Fields.GetValueOrDefault(field.Name)
        where !value.IsNull
        select new RowKey(field.References!, Guid.ParseExact(value.AsText(), "D"));

    private static void Add(Dictionary<RowKey, RowNeed> needs, RowNeed need) =>
        needs[need.Key] = needs.TryGetValue(need.Key, out var other)
            ? new RowNeed(
                need.Key,
                need.Base is { } a && other.Base is { } b
                    ? Math.Min(a, b)
                    : need.Base ?? other.Base,
                need.WithDescendants || other.WithDescendants
            )
            : need;
}
