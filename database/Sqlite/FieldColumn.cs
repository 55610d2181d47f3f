using Microsoft.Data.Sqlite;
using Orchestra.Sync;
using Orchestra.Sync.Catalog;
using Orchestra.Sync.Wire;

namespace Orchestra.Database.Sqlite;

/// <summary>How a field's value stands in its column.</summary>
internal static class FieldColumn
{
    public static object? Write(Field field, FieldValue value) =>
        (field.Type, value.Kind) switch
        {
            (_, FieldValueKind.Null) => null,
            (FieldType.Json, FieldValueKind.Json) => value.AsText(),
            (FieldType.Json, _) => WireCodec.WriteValue(value),
            (FieldType.Real, FieldValueKind.Integer) => (double)value.AsInteger(),
            (_, FieldValueKind.Integer) => value.AsInteger(),
            (_, FieldValueKind.Real) => value.AsReal(),
            (_, FieldValueKind.Boolean) => value.AsBoolean() ? 1L : 0L,
            _ => value.AsText(),
        };

    public static FieldValue Read(Field field, SqliteDataReader row, int column) =>
        field.Type switch
        {
            FieldType.Integer => FieldValue.Integer(row.GetInt64(column)),
            FieldType.Real => FieldValue.Real(row.GetDouble(column)),
            FieldType.Boolean => FieldValue.Boolean(row.GetInt64(column) != 0),
            FieldType.Json => FieldValue.Json(row.GetString(column)),
            _ => FieldValue.Text(row.GetString(column)),
        };
}
