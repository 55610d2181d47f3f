using System.Text.Json;
using System.Text.Json.Serialization;

namespace Orchestra.Sync.Wire;

/// <summary>UUIDs in their one spelling: lower case, hyphens, no braces.</summary>
public static class CanonicalUuid
{
    private const int Length = 36;

    /// <summary>A character in six bytes: <c>\u0061</c>.</summary>
    private const int MostBytes = 6 * Length;

    public static bool TryParse(ReadOnlySpan<char> text, out Guid id)
    {
        Span<char> spelling = stackalloc char[Length];
        return Guid.TryParseExact(text, "D", out id)
            && id.TryFormat(spelling, out _)
            && text.SequenceEqual(spelling);
    }

    internal static Guid Read(ref Utf8JsonReader reader)
    {
        Span<char> text = stackalloc char[MostBytes];
        return
            reader.TokenType == JsonTokenType.String
            && reader.ValueSpan.Length <= MostBytes
            && TryParse(text[..FieldValueConverter.CopyText(ref reader, text)], out var id)
            ? id
            : throw new JsonException("Not a UUID in lower case with hyphens");
    }
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
