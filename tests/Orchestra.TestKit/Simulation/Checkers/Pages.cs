using Orchestra.Sync;
using Orchestra.Sync.Store;

namespace Orchestra.TestKit.Simulation.Checkers;

/// <summary>P12: pages of any size, from the start, add up to the server's rows.</summary>
internal static class Pages
{
    public static IEnumerable<string> Check(Evidence evidence, Random random)
    {
        var rows = new Dictionary<RowKey, long>();
        var head = evidence.Stored.Head;
        var cursor = Cursor.Start(head.Epoch);
        for (var pages = 0; pages == 0 || cursor.Version < head.Version; pages++)
        {
            var outcome = evidence.Read(
                new ReadQuery(
                    evidence.Owner,
                    cursor,
                    random.Next(1, 12),
                    random.Next(1, 4_000),
                    null
                )
            );
            if (outcome.Page is not { } page || page.From != cursor.Version || page.To <= page.From)
            {
                yield return $"P12 no page follows version {cursor.Version}";
                yield break;
            }
            foreach (var entry in page.Entries)
                if (entry.Present)
                    rows[entry.Row] = entry.Version;
                else
                    rows.Remove(entry.Row);
            cursor = new Cursor(page.Epoch, page.To, page.Mark, page.More ? page.Floor : null);
        }
        var expected = evidence.LiveRows.ToDictionary(row => row.Key, row => row.Version);
        if (
            rows.Count != expected.Count
            || expected.Any(row => rows.GetValueOrDefault(row.Key) != row.Value)
        )
            yield return "P12 the pages do not add up to the rows";
    }
}
