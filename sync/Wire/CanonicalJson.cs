using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Orchestra.Sync.Wire;

/// <summary>
/// JSON values in one spelling: no white space; members by the length of their names and then by
/// their bytes, which is the order that PostgreSQL's jsonb keeps them in; numbers that a double
/// holds, whole ones as such. So a value reads the same in whichever store it has been.
/// </summary>
internal static class CanonicalJson
{
    /// <summary>2^63, from which on a whole number is no 64-bit one.</summary>
    private const double LongsEnd = 9_223_372_036_854_775_808;

    private static readonly Comparer<byte[]> ByLengthThenBytes = Comparer<byte[]>.Create(
        (left, right) =>
            left.Length != right.Length
                ? left.Length.CompareTo(right.Length)
                : left.AsSpan().SequenceCompareTo(right)
    );

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
                byte[]? previous = null;
                foreach (var (name, value) in InOrder(element))
                {
                    if (previous is not null && name.AsSpan().SequenceEqual(previous))
                        throw new JsonException("A member appears twice in a JSON value");
                    writer.WritePropertyName(name);
                    Write(writer, value);
                    previous = name;
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

    private static IEnumerable<(byte[] Name, JsonElement Value)> InOrder(JsonElement element) =>
        element
            .EnumerateObject()
            .Select(member => (Name: Encoding.UTF8.GetBytes(Text(() => member.Name)), member.Value))
            .OrderBy(member => member.Name, ByLengthThenBytes);

    private static void WriteNumber(Utf8JsonWriter writer, JsonElement element)
    {
        if (element.TryGetInt64(out var integer))
            writer.WriteNumberValue(integer);
        else if (!element.TryGetDouble(out var real) || !double.IsFinite(real))
            throw new JsonException("Not a number that a double holds");
        else if (double.IsInteger(real) && Math.Abs(real) < LongsEnd)
            writer.WriteNumberValue((long)real);
        else
            writer.WriteRawValue(real.ToString("R", CultureInfo.InvariantCulture));
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
