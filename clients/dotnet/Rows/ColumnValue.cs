using System.Globalization;
using Orchestra.Sync;
using Orchestra.Sync.Catalog;
using Orchestra.Sync.Wire;

namespace Orchestra.Client.Rows;

/// <summary>Field values as SQLite keeps them, and back.</summary>
internal static class ColumnValue
{
    public static string Declare(Field field) =>
        field.Type switch
        {
            FieldType.Integer or FieldType.Boolean => "integer",
            FieldType.Real => "real",
            _ => "text",
        };

    public static object? ToSql(Field field, FieldValue value) =>
        value.Kind switch
        {
            FieldValueKind.Null => null,
            _ when field.Type == FieldType.Json => WireCodec.WriteValue(value),
            FieldValueKind.Integer => value.AsInteger(),
            FieldValueKind.Real => value.AsReal(),
            FieldValueKind.Boolean => value.AsBoolean() ? 1L : 0L,
            _ => value.AsText(),
        };

    public static FieldValue FromSql(Field field, object value) =>
        value is DBNull
            ? FieldValue.Null
            : field.Type switch
            {
                FieldType.Integer => FieldValue.Integer((long)value),
                FieldType.Boolean => FieldValue.Boolean((long)value != 0),
                FieldType.Real => FieldValue.Real(
                    Convert.ToDouble(value, CultureInfo.InvariantCulture)
                ),
                FieldType.Json => FieldValue.Json((string)value),
                _ => FieldValue.Text((string)value),
            };
}
