using Orchestra.Sync.Catalog;
using Orchestra.Sync.Store;

namespace Orchestra.Sync.Decisions;

/// <summary>
/// How much there is to do in a decision, before it is made: a few changes can delete and revive
/// thousands of rows below theirs, each of them again, or be held against a long past.
/// </summary>
public static class DecisionWork
{
    /// <summary>So many writes of a row's past are as much work as a row.</summary>
    internal const int WritesARow = 25;

    /// <summary>Rows; beyond that it takes tenths of a second.</summary>
    private const long Heavy = 10_000;

    /// <param name="catalog">Says what refers to what.</param>
    /// <param name="loaded">What the pushes need.</param>
    /// <param name="pushes">What is to be decided.</param>
    public static bool IsHeavy(
        EntityCatalog catalog,
        RowSet loaded,
        IReadOnlyList<ReceivedPush> pushes
    )
    {
        var changes = pushes.Sum(push => (long)push.Changes.Count);
        if (changes * (loaded.Rows.Count + (loaded.Writes.Count / WritesARow)) <= Heavy)
            return false;
        var writes = loaded.Writes.CountBy(write => write.Row).ToDictionary();
        var children = ChildrenOf(catalog, loaded);
        var work = 0L;
        foreach (var change in pushes.SelectMany(push => push.Changes))
        {
            if (!change.IsWrite)
                continue;
            work += writes.GetValueOrDefault(change.Row) / WritesARow;
            if (change.IsDelete || change.CanCreate)
                work += CountBelow(children, change.Row, Heavy - work);
            if (work > Heavy)
                return true;
        }
        return false;
    }

    private static Dictionary<RowKey, List<RowKey>> ChildrenOf(EntityCatalog catalog, RowSet loaded)
    {
        var children = new Dictionary<RowKey, List<RowKey>>();
        foreach (var row in loaded.Rows)
        foreach (var (_, parent) in References.Of(catalog, row))
        {
            if (!children.TryGetValue(parent, out var keys))
                children[parent] = keys = [];
            keys.Add(row.Key);
        }
        return children;
    }

    /// <summary>How many rows are below one; counting ends beyond <paramref name="enough"/>.</summary>
    private static long CountBelow(
        Dictionary<RowKey, List<RowKey>> children,
        RowKey root,
        long enough
    )
    {
        if (!children.ContainsKey(root))
            return 0;
        var seen = new HashSet<RowKey> { root };
        var next = new Stack<RowKey>([root]);
        while (next.TryPop(out var key) && seen.Count <= enough + 1)
            foreach (var child in children.GetValueOrDefault(key, []))
                if (seen.Add(child))
                    next.Push(child);
        return seen.Count - 1;
    }
}
