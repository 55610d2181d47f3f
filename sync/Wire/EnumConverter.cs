using System.Text.Json;
using System.Text.Json.Serialization;

namespace Orchestra.Sync.Wire;

/// <summary>Enum members by their one name; no numbers, no other case.</summary>
internal sealed class EnumConverter<T> : JsonConverter<T>
    where T : struct, Enum
{
    public override T Read(ref Utf8JsonReader reader, Type type, JsonSerializerOptions options) =>
        EnumNames<T>.TryRead(FieldValueConverter.ReadText(ref reader), out var value)
            ? value
            : throw new JsonException($"Not one of {string.Join(", ", EnumNames<T>.All)}");

    public override void Write(Utf8JsonWriter writer, T value, JsonSerializerOptions options) =>
        writer.WriteStringValue(EnumNames<T>.Write(value));
}
