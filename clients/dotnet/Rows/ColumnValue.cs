using System.Globalization;
using Orchestra.Client.Local;
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

    public static void Bind(
        PreparedStatement statement,
        int parameter,
        Field field,
        FieldValue value
    )
    {
        if (value.IsNull)
            statement.BindNull(parameter);
        else if (field.Type == FieldType.Json)
            statement.Bind(parameter, WireCodec.WriteValue(value));
        else if (value.Kind == FieldValueKind.Integer)
            statement.Bind(parameter, value.AsInteger());
        else if (value.Kind == FieldValueKind.Real)
            statement.Bind(parameter, value.AsReal());
        else if (value.Kind == FieldValueKind.Boolean)
            statement.Bind(parameter, value.AsBoolean() ? 1 : 0);
        else
            statement.Bind(parameter, value.AsText());
    }

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
