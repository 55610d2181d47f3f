using Orchestra.Sync;
using Orchestra.Sync.Decisions;

namespace Orchestra.TestKit.Simulation.Checkers;

/// <summary>P5: the log, replayed from nothing, gives the tables, and the tables the head's digest.</summary>
internal static class Replay
{
    public static IEnumerable<string> Check(Evidence evidence)
    {
        var replayed = new Dictionary<RowKey, Replayed>();
        foreach (var entry in evidence.Stored.Log)
            replayed[entry.Row] = replayed
                .GetValueOrDefault(entry.Row, Replayed.Nothing)
                .After(entry);
        var live = evidence.LiveRows.ToDictionary(row => row.Key);
        foreach (var (key, row) in replayed)
        {
            if (row.IsPresent != live.ContainsKey(key))
                yield return $"P5 {key} is {(row.IsPresent ? "" : "not ")}there by the log";
            else if (row.IsPresent && !row.Equals(live[key]))
                yield return $"P5 {key} differs between the log and its table";
        }
        foreach (var key in live.Keys.Where(key => !replayed.ContainsKey(key)))
            yield return $"P5 {key} is in no log";
        var digest = live.Values.Aggregate(0UL, (sum, row) => sum ^ Digest.Of(row));
        if (digest != evidence.Stored.Head.Digest || live.Count != evidence.Stored.Head.Rows)
            yield return "P5 the head's digest is not that of the rows";
    }

    private sealed record Replayed(
        bool IsPresent,
        long Version,
        IReadOnlyDictionary<string, FieldValue> Fields
    )
    {
        public static readonly Replayed Nothing = new(false, 0, Change.NoFields);

        public Replayed After(LogEntry entry)
        {
            var isWhole = entry.Op == LogOp.Revive || (entry.Op == LogOp.Put && !IsPresent);
            var fields = new Dictionary<string, FieldValue>(isWhole ? Change.NoFields : Fields);
            foreach (var (name, value) in entry.Fields)
                fields[name] = value;
            return new(entry.Op != LogOp.Delete, entry.Version, fields);
        }

        public bool Equals(Row row) =>
            row.Version == Version
            && row.Fields.Count == Fields.Count(pair => !pair.Value.IsNull)
            && Fields.All(pair => row[pair.Key] == pair.Value);
    }
}
