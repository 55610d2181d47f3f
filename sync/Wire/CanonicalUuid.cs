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

/// <summary>A UUID, or an id that is one.</summary>
internal sealed class UuidConverter<T>(Func<Guid, T> fromUuid, Func<T, Guid> toUuid)
    : JsonConverter<T>
{
    public override T Read(ref Utf8JsonReader reader, Type type, JsonSerializerOptions options) =>
        fromUuid(CanonicalUuid.Read(ref reader));

    public override void Write(Utf8JsonWriter writer, T value, JsonSerializerOptions options) =>
        writer.WriteStringValue(toUuid(value));
}
