using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Orchestra.Sync.Wire;

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
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer, Compact))
            Write(writer, element);
        return Encoding.UTF8.GetString(buffer.WrittenSpan);
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
