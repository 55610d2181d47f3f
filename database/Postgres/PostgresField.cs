using Npgsql;
using Orchestra.Sync;
using Orchestra.Sync.Catalog;
using Orchestra.Sync.Wire;

namespace Orchestra.Database.Postgres;

/// <summary>How a field's values travel and stand in their column.</summary>
internal static class PostgresField
{
    /// <summary>The field's column, quoted.</summary>
    public static string Column(this Field field) => Quote(field.Name);

    public static string Quote(string name) =>
        '"' + name.Replace("\"", "\"\"", StringComparison.Ordinal) + '"';

    /// <summary>The type of an array of its values.</summary>
    public static string ArrayType(Field field) =>
        field.Type switch
        {
            FieldType.Text => "text[]",
            FieldType.Uuid => "uuid[]",
            FieldType.Integer => "bigint[]",
            FieldType.Real => "double precision[]",
            FieldType.Boolean => "boolean[]",
            FieldType.Timestamp => "timestamptz[]",
            FieldType.Json => "jsonb[]",
            _ => throw new ArgumentOutOfRangeException(nameof(field), field.Type, "No such type"),
        };

    /// <summary>One field of many rows.</summary>
    public static NpgsqlParameter Write(Field field, IReadOnlyCollection<Row> rows) =>
        field.Type switch
        {
            FieldType.Text => PostgresValues.Array(rows, row => TextOf(row[field.Name])),
            FieldType.Uuid => PostgresValues.Array(
                rows,
                row =>
                    TextOf(row[field.Name]) is { } text ? Guid.ParseExact(text, "D") : (Guid?)null
            ),
            FieldType.Integer => PostgresValues.Array(
                rows,
                row => row[field.Name] is { IsNull: false } value ? value.AsInteger() : (long?)null
            ),
            FieldType.Real => PostgresValues.Array(rows, row => RealOf(row[field.Name])),
            FieldType.Boolean => PostgresValues.Array(
                rows,
                row => row[field.Name] is { IsNull: false } value ? value.AsBoolean() : (bool?)null
            ),
            FieldType.Timestamp => PostgresValues.Times(
                rows,
                row =>
                    TextOf(row[field.Name]) is { } text
                        ? Timestamps.Read(text)
                        : (DateTimeOffset?)null
            ),
            _ => PostgresValues.Json(rows, row => JsonOf(row[field.Name])),
        };

    /// <summary>The value at a column that is not null.</summary>
    public static FieldValue Read(Field field, NpgsqlDataReader row, int column) =>
        field.Type switch
        {
            FieldType.Uuid => FieldValue.Text(row.GetGuid(column).ToString("D")),
            FieldType.Integer => FieldValue.Integer(row.GetInt64(column)),
            FieldType.Real => FieldValue.Real(row.GetDouble(column)),
            FieldType.Boolean => FieldValue.Boolean(row.GetBoolean(column)),
            FieldType.Timestamp => FieldValue.Text(Timestamps.Write(row.GetTime(column))),
            FieldType.Json => FieldValue.Json(WireCodec.Compact(row.GetString(column))),
            _ => FieldValue.Text(row.GetString(column)),
        };

    private static string? TextOf(FieldValue value) => value.IsNull ? null : value.AsText();

    private static double? RealOf(FieldValue value) =>
        value.Kind switch
        {
            FieldValueKind.Null => null,
            FieldValueKind.Integer => value.AsInteger(),
            _ => value.AsReal(),
        };

    private static string? JsonOf(FieldValue value) =>
        value.Kind switch
        {
            FieldValueKind.Null => null,
            FieldValueKind.Json => value.AsText(),
            _ => WireCodec.WriteValue(value),
        };
}
