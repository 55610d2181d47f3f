using Orchestra.Sync;
using Orchestra.Sync.Catalog;
using Orchestra.Sync.Wire;

namespace Orchestra.Database.Values;

/// <summary>The fields of a log entry as the JSON of one column.</summary>
internal static class LogFields
{
    public static string Write(IReadOnlyDictionary<string, FieldValue> fields) =>
        WireCodec.WriteFields(fields);

    /// <summary>
    /// What was written, with the kinds that the table's columns have: in JSON text alone 5.0 is
    /// told neither from 5, nor a JSON column's "dark" from text.
    /// </summary>
    /// <param name="json">The column.</param>
    /// <param name="type">The row's type; null if its table is gone.</param>
    public static IReadOnlyDictionary<string, FieldValue> Read(string json, EntityType? type)
    {
        var fields = WireCodec.ReadFields(json);
        if (type is null || !fields.Any(pair => NeedsKind(type, pair.Key, pair.Value)))
            return fields;
        return fields.ToDictionary(
            pair => pair.Key,
            pair =>
                NeedsKind(type, pair.Key, pair.Value)
                    ? WithKind(type.Find(pair.Key)!.Type, pair.Value)
                    : pair.Value
        );
    }

    private static bool NeedsKind(EntityType type, string name, FieldValue value) =>
        !value.IsNull
        && type.Find(name)?.Type switch
        {
            FieldType.Real => value.Kind == FieldValueKind.Integer,
            FieldType.Json => value.Kind != FieldValueKind.Json,
            _ => false,
        };

    private static FieldValue WithKind(FieldType type, FieldValue value) =>
        type == FieldType.Real
            ? FieldValue.Real(value.AsInteger())
            : FieldValue.Json(WireCodec.WriteValue(value));
}
