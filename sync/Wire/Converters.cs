using System.Collections.Frozen;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Orchestra.Sync.Wire;

/// <summary>UUIDs in their one spelling: lower case, hyphens, no braces.</summary>
public static class CanonicalUuid
{
    public static bool TryParse(string? text, out Guid id) =>
        Guid.TryParseExact(text, "D", out id)
        && string.Equals(id.ToString("D"), text, StringComparison.Ordinal);

    internal static Guid Read(ref Utf8JsonReader reader) =>
        reader.TokenType == JsonTokenType.String
        && TryParse(FieldValueConverter.ReadText(ref reader), out var id)
            ? id
            : throw new JsonException("Not a UUID in lower case with hyphens");
}

internal sealed class GuidConverter : JsonConverter<Guid>
{
    public override Guid Read(
        ref Utf8JsonReader reader,
        Type type,
        JsonSerializerOptions options
    ) => CanonicalUuid.Read(ref reader);

    public override void Write(Utf8JsonWriter writer, Guid value, JsonSerializerOptions options) =>
        writer.WriteStringValue(value);
}

internal sealed class OwnerIdConverter : JsonConverter<OwnerId>
{
    public override OwnerId Read(
        ref Utf8JsonReader reader,
        Type type,
        JsonSerializerOptions options
    ) => new(CanonicalUuid.Read(ref reader));

    public override void Write(
        Utf8JsonWriter writer,
        OwnerId value,
        JsonSerializerOptions options
    ) => writer.WriteStringValue(value.Value);
}

internal sealed class DeviceIdConverter : JsonConverter<DeviceId>
{
    public override DeviceId Read(
        ref Utf8JsonReader reader,
        Type type,
        JsonSerializerOptions options
    ) => new(CanonicalUuid.Read(ref reader));

    public override void Write(
        Utf8JsonWriter writer,
        DeviceId value,
        JsonSerializerOptions options
    ) => writer.WriteStringValue(value.Value);
}

internal sealed class ChangeIdConverter : JsonConverter<ChangeId>
{
    public override ChangeId Read(
        ref Utf8JsonReader reader,
        Type type,
        JsonSerializerOptions options
    ) => new(CanonicalUuid.Read(ref reader));

    public override void Write(
        Utf8JsonWriter writer,
        ChangeId value,
        JsonSerializerOptions options
    ) => writer.WriteStringValue(value.Value);
}

internal sealed class TimestampConverter : JsonConverter<DateTimeOffset>
{
    public override DateTimeOffset Read(
        ref Utf8JsonReader reader,
        Type type,
        JsonSerializerOptions options
    ) =>
        Timestamps.TryReadField(FieldValueConverter.ReadText(ref reader), out var time)
            ? time
            : throw new JsonException("Not an ISO 8601 timestamp in UTC");

    public override void Write(
        Utf8JsonWriter writer,
        DateTimeOffset value,
        JsonSerializerOptions options
    ) => writer.WriteStringValue(Timestamps.Write(value));
}

/// <summary>Enum members by their one snake_case name; no numbers, no other case.</summary>
internal sealed class SnakeCaseEnumConverter<T> : JsonConverter<T>
    where T : struct, Enum
{
    private static readonly FrozenDictionary<T, JsonEncodedText> Names = Enum.GetValues<T>()
        .ToFrozenDictionary(
            value => value,
            value =>
                JsonEncodedText.Encode(
                    JsonNamingPolicy.SnakeCaseLower.ConvertName(value.ToString())
                )
        );

    private static readonly FrozenDictionary<string, T> Values = Names.ToFrozenDictionary(
        pair => pair.Value.Value,
        pair => pair.Key
    );

    public override T Read(ref Utf8JsonReader reader, Type type, JsonSerializerOptions options)
    {
        var text = FieldValueConverter.ReadText(ref reader);
        return Values.TryGetValue(text, out var value)
            ? value
            : throw new JsonException($"Not one of {string.Join(", ", Values.Keys.Order())}");
    }

    public override void Write(Utf8JsonWriter writer, T value, JsonSerializerOptions options) =>
        writer.WriteStringValue(Names[value]);
}

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

/// <summary>
/// JSON values in one spelling: no white space, members as they came, numbers that a double holds.
/// </summary>
internal static class CanonicalJson
{
    private static readonly JsonWriterOptions Compact = new()
    {
        Encoder = MinimalJsonEncoder.Instance,
    };

    /// <exception cref="JsonException">A member twice, a lone surrogate, or a number out of range.</exception>
    internal static string Write(JsonElement element)
    {
        var buffer = new System.Buffers.ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer, Compact))
            Write(writer, element);
        return System.Text.Encoding.UTF8.GetString(buffer.WrittenSpan);
    }

    private static void Write(Utf8JsonWriter writer, JsonElement element)
    {
        switch (element.ValueKind)
        {
            case JsonValueKind.Object:
                writer.WriteStartObject();
                var seen = new HashSet<string>(StringComparer.Ordinal);
                foreach (var member in element.EnumerateObject())
                {
                    var name = Text(() => member.Name);
                    if (!seen.Add(name))
                        throw new JsonException("A member appears twice in a JSON value");
                    writer.WritePropertyName(name);
                    Write(writer, member.Value);
                }
                writer.WriteEndObject();
                break;
            case JsonValueKind.Array:
                writer.WriteStartArray();
                foreach (var item in element.EnumerateArray())
                    Write(writer, item);
                writer.WriteEndArray();
                break;
            case JsonValueKind.String:
                writer.WriteStringValue(Text(() => element.GetString()!));
                break;
            case JsonValueKind.Number:
                WriteNumber(writer, element);
                break;
            default:
                element.WriteTo(writer);
                break;
        }
    }

    private static void WriteNumber(Utf8JsonWriter writer, JsonElement element)
    {
        if (element.TryGetInt64(out var integer))
            writer.WriteNumberValue(integer);
        else if (element.TryGetDouble(out var real) && double.IsFinite(real))
            writer.WriteRawValue(real.ToString("R", CultureInfo.InvariantCulture));
        else
            throw new JsonException("Not a number that a double holds");
    }

    private static string Text(Func<string> read)
    {
        try
        {
            return read();
        }
        catch (InvalidOperationException e)
        {
            throw new JsonException("Not valid Unicode text", e);
        }
    }
}
