namespace Orchestra.Client.Rows;

/// <summary>The order in which a server takes rows of one type that refer to each other.</summary>
internal static class ParentsFirst
{
    /// <summary>
    /// Each row after its parent, if that is among them. Without recursion: rows can be nested as
    /// deep as their owner likes. A circle is cut somewhere.
    /// </summary>
    public static IReadOnlyList<Guid> Order(IReadOnlyList<(Guid Id, Guid? Parent)> rows)
    {
        var parents = rows.ToDictionary(row => row.Id, row => row.Parent);
        var ordered = new List<Guid>(rows.Count);
        var seen = new HashSet<Guid>(rows.Count);
        var path = new Stack<Guid>();
        foreach (var (id, _) in rows)
        {
            Guid? next = id;
            while (next is { } row && parents.ContainsKey(row) && seen.Add(row))
            {
                path.Push(row);
                next = parents[row];
            }
            while (path.TryPop(out var due))
                ordered.Add(due);
        }
        return ordered;
    }
}
