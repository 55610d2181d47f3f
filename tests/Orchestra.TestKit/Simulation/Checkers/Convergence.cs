using Orchestra.Sync;

namespace Orchestra.TestKit.Simulation.Checkers;

/// <summary>P6: every device has the server's rows, field by field, and the digest shows it.</summary>
internal static class Convergence
{
    public static IEnumerable<string> Check(Evidence evidence)
    {
        var live = evidence.LiveRows.ToDictionary(row => row.Key);
        foreach (var copy in evidence.Copies)
        {
            foreach (var key in live.Keys.Where(key => !copy.Rows.ContainsKey(key)))
                yield return $"P6 {copy.Name} lacks {key}";
            foreach (var (key, row) in copy.Rows)
            {
                if (!live.TryGetValue(key, out var stored))
                    yield return $"P6 {copy.Name} has {key}, which the server has not";
                else if (row.Version != stored.Version)
                    yield return $"P6 {copy.Name} has {key} at {row.Version}, not {stored.Version}";
                else if (evidence.Catalog[key.Entity].Fields.Any(f => Differs(row, stored, f.Name)))
                    yield return $"P6 {copy.Name} has other values in {key}";
            }
            var head = evidence.Stored.Head;
            if (copy.Status.Digest != head.Digest || copy.Status.Rows != head.Rows)
                yield return $"P6 {copy.Name} has another digest than the server";
        }
    }

    private static bool Differs(Orchestra.Client.EntityRow row, Row stored, string field) =>
        row.Fields.GetValueOrDefault(field) != stored[field];
}
