using Orchestra.Sync;
using Orchestra.Sync.Catalog;
using Orchestra.Sync.Wire;

namespace Orchestra.Database.Postgres.Verification;

/// <summary>
/// What an owner's rows are by his log: the entries one after the other, as a device would apply
/// them. Where the log begins late, it is only known of a row what was written since.
/// </summary>
internal sealed class OwnerFold(EntityCatalog catalog, OwnerHead head)
{
    private readonly Dictionary<RowKey, FoldedRow> rows = [];

    public void Take(LogEntry entry)
    {
        if (!rows.TryGetValue(entry.Row, out var row))
            rows[entry.Row] = row = new FoldedRow { FirstVersion = entry.Version };
        row.Version = entry.Version;
        row.IsLive = entry.Op != LogOp.Delete;
        if (entry.Op == LogOp.Revive)
        {
            row.Fields.Clear();
            row.IsWhole = true;
        }
        foreach (var (name, value) in entry.Fields)
            if (entry.Op == LogOp.Revive || entry.Won?.Contains(name) != false)
                row.Fields[name] = value;
    }

    /// <summary>What a row in its table has that it should not have; null if nothing.</summary>
    public string? Compare(Row row)
    {
        if (!rows.Remove(row.Key, out var folded))
            return row.Version > head.LogHorizon
                ? $"{row.Key} has version {row.Version}, but the log does not know it"
                : null;
        if (row.Version != folded.Version)
            return $"{row.Key} has version {row.Version}, by the log {folded.Version}";
        if (row.IsLive != folded.IsLive)
            return $"{row.Key} is {Presence(row.IsLive)}, by the log {Presence(folded.IsLive)}";
        // A row that was made within the log has no field but those written there.
        var isWhole = folded.IsWhole || row.CreatedVersion == folded.FirstVersion;
        foreach (var field in catalog[row.Key.Entity].Fields)
        {
            var isKnown = folded.Fields.TryGetValue(field.Name, out var value);
            if ((isKnown || isWhole) && !IsSame(field, row[field.Name], value))
                return $"{row.Key} has another {field.Name} than by the log";
        }
        return null;
    }

    /// <summary>Rows of the log that no table had.</summary>
    public IEnumerable<string> End() =>
        from pair in rows
        where pair.Value.IsLive || pair.Value.Version > head.TombstoneHorizon
        where catalog.Find(pair.Key.Entity) is not null
        select $"{pair.Key} is {Presence(pair.Value.IsLive)} by the log, but not in its table";

    private static string Presence(bool isLive) => isLive ? "live" : "deleted";

    /// <summary>The same value, in whatever spelling the log took over.</summary>
    private static bool IsSame(Field field, FieldValue inTable, FieldValue inLog)
    {
        if (inTable.IsNull || inLog.IsNull)
            return inTable.IsNull && inLog.IsNull;
        return field.Type switch
        {
            FieldType.Real => RealOf(inTable).Equals(RealOf(inLog)),
            FieldType.Timestamp => Timestamps.TryReadField(inTable.AsText(), out var there)
                && Timestamps.TryReadField(inLog.AsText(), out var here)
                && there == here,
            FieldType.Json => inTable.AsText() == WireCodec.Compact(inLog.AsText()),
            _ => inTable == inLog,
        };
    }

    /// <summary>JSON knows no negative zero.</summary>
    private static double RealOf(FieldValue value) =>
        (value.Kind == FieldValueKind.Integer ? value.AsInteger() : value.AsReal()) + 0.0;

    private sealed class FoldedRow
    {
        public Dictionary<string, FieldValue> Fields { get; } = [];

        public required long FirstVersion { get; init; }

        public long Version { get; set; }

        public bool IsLive { get; set; }

        public bool IsWhole { get; set; }
    }
}
