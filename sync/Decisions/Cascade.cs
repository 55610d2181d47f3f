namespace Orchestra.Sync.Decisions;

/// <summary>
/// What the deletion of a row takes along, and brings back: the rows that refer to it, in the same
/// commit, each with a version of its own, their stamps above whatever they had.
/// </summary>
internal static class Cascade
{
    public static void Delete(Batch batch, RowSpace rows, Row deleted, ChangeId change, Stamp stamp)
    {
        var root = rows.Find(deleted.Key)!;
        Walk(
            batch,
            rows,
            root,
            child => child.IsLive,
            child =>
            {
                var own = stamp.RaisedAbove(child.Stamp.EditedAt);
                batch.Delete(child, own, change, root.Version);
            }
        );
    }

    /// <param name="batch">Gives the versions.</param>
    /// <param name="rows">The rows at hand.</param>
    /// <param name="revived">The row that is back.</param>
    /// <param name="change">The change that brought it back.</param>
    /// <param name="stamp">Its stamp.</param>
    /// <param name="deletedBy">The version of the deletion that is undone.</param>
    public static void Revive(
        Batch batch,
        RowSpace rows,
        Row revived,
        ChangeId change,
        Stamp stamp,
        long deletedBy
    )
    {
        var root = rows.Find(revived.Key)!;
        Walk(
            batch,
            rows,
            root,
            // A row with another parent that is still gone waits for that one.
            child =>
                !child.IsLive
                && child.RootVersion == deletedBy
                && rows.ParentsOf(child).All(edge => rows.Find(edge.Parent) is { IsLive: true }),
            child =>
            {
                var own = stamp.RaisedAbove(child.Stamp.EditedAt);
                batch.Revive(child, own, change, root.Version);
            }
        );
    }

    private static void Walk(
        Batch batch,
        RowSpace rows,
        Row root,
        Func<Row, bool> takes,
        Action<Row> take
    )
    {
        var next = new Queue<Row>([root]);
        while (next.TryDequeue(out var parent))
        {
            var children = rows.ChildrenOf(parent.Key);
            batch.Spend(children.Count);
            foreach (var child in children)
            {
                if (!takes(child))
                    continue;
                take(child);
                next.Enqueue(child);
            }
        }
    }
}
