namespace Orchestra.Sync.Search;

/// <summary>
/// Makes one order of several, by places and not by ranks, which do not compare: reciprocal rank fusion
/// (Cormack, Clarke and Büttcher, 2009).
/// </summary>
public static class RankFusion
{
    /// <summary>How little the first places count more than the next.</summary>
    public const int K = 60;

    /// <summary>How far down each list is looked.</summary>
    public const int Depth = 100;

    /// <param name="lists">The best first in each; a row is at most once in one.</param>
    /// <returns>Each row once, the best first, its rank the sum of 1 / (K + place).</returns>
    public static List<SearchPosition> Of(params IReadOnlyList<SearchPosition>[] lists)
    {
        var sums = new Dictionary<(string, Guid), double>();
        foreach (var list in lists)
            for (var place = 0; place < list.Count && place < Depth; place++)
            {
                var row = (list[place].Entity, list[place].Id);
                sums[row] = sums.GetValueOrDefault(row) + 1d / (K + place + 1);
            }
        return
        [
            .. sums.Select(row => new SearchPosition(
                    (float)row.Value,
                    row.Key.Item2,
                    row.Key.Item1
                ))
                .Order(SearchPosition.BestFirst),
        ];
    }
}
