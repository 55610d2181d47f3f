using System.Text.Json;
using System.Text.Json.Serialization;

namespace Orchestra.Sync.Wire;

/// <summary>Field values: JSON's own kinds, nothing guessed, nothing lost.</summary>
internal sealed class FieldValueConverter : JsonConverter<FieldValue>
{
    public override bool HandleNull => true;

    public override FieldValue Read(
        ref Utf8JsonReader reader,
        Type type,
        JsonSerializerOptions options
    ) =>
        reader.TokenType switch
        {
            JsonTokenType.Null => FieldValue.Null,
            JsonTokenType.True => FieldValue.Boolean(true),
            JsonTokenType.False => FieldValue.Boolean(false),
            JsonTokenType.String => FieldValue.Text(ReadText(ref reader)),
            JsonTokenType.Number => ReadNumber(ref reader),
            _ => ReadJson(ref reader),
        };

    public override void Write(
        Utf8JsonWriter writer,
        FieldValue value,
        JsonSerializerOptions options
    )
    {
        switch (value.Kind)
        {
            case FieldValueKind.Null:
                writer.WriteNullValue();
                break;
            case FieldValueKind.Text:
                writer.WriteStringValue(value.AsText());
                break;
            case FieldValueKind.Integer:
                writer.WriteNumberValue(value.AsInteger());
                break;
            case FieldValueKind.Real:
                writer.WriteNumberValue(value.AsReal());
                break;
            case FieldValueKind.Boolean:
                writer.WriteBooleanValue(value.AsBoolean());
                break;
            default:
                writer.WriteRawValue(value.AsText(), skipInputValidation: true);
                break;
        }
    }

    /// <summary>A string token's text; a lone surrogate is malformed, not a crash.</summary>
    internal static string ReadText(ref Utf8JsonReader reader)
    {
        if (reader.TokenType != JsonTokenType.String)
            throw new JsonException("Not a string");
        try
        {
            return reader.GetString()!;
        }
        catch (InvalidOperationException e)
        {
            throw new JsonException("Not valid Unicode text", e);
        }
    }

    /// <summary>The same into memory that is long enough, which the token's bytes are the bound of.</summary>
    /// <returns>Its length.</returns>
    internal static int CopyText(ref Utf8JsonReader reader, scoped Span<char> text)
    {
        try
        {
            return reader.CopyString(text);
        }
        catch (InvalidOperationException e)
        {
            throw new JsonException("Not valid Unicode text", e);
        }
    }

    private static FieldValue ReadNumber(ref Utf8JsonReader reader)
    {
        if (reader.TryGetInt64(out var integer))
            return FieldValue.Integer(integer);
        return reader.TryGetDouble(out var real) && double.IsFinite(real)
            ? FieldValue.Real(real)
            : throw new JsonException("Not a number that a double holds");
    }

    private static FieldValue ReadJson(ref Utf8JsonReader reader)
    {
        using var document = JsonDocument.ParseValue(ref reader);
        return FieldValue.Json(CanonicalJson.Write(document.RootElement));
    }
}
