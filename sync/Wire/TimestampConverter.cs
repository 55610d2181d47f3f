using System.Text.Json;
using System.Text.Json.Serialization;

namespace Orchestra.Sync.Wire;

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
    )
    {
        Span<byte> text = stackalloc byte[Timestamps.Length];
        Timestamps.Write(value, text);
        writer.WriteStringValue(text);
    }
}
