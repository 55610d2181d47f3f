using System.Text.Json;
using Orchestra.Sync;
using Orchestra.Sync.Wire;

namespace Orchestra.Cli.Terminal;

/// <summary>A result as one JSON object on one line.</summary>
internal static class JsonLine
{
    public static string Of(params IEnumerable<(string Name, object? Value)> members) =>
        WireCodec.WriteFields(
            members.ToDictionary(member => member.Name, member => Value(member.Value))
        );

    private static FieldValue Value(object? value) =>
        value switch
        {
            null => FieldValue.Null,
            FieldValue field => field,
            bool flag => FieldValue.Boolean(flag),
            int number => FieldValue.Integer(number),
            long number => FieldValue.Integer(number),
            DateTimeOffset time => FieldValue.Text(Timestamps.Write(time)),
            IReadOnlyDictionary<string, FieldValue> fields => FieldValue.Json(
                WireCodec.WriteFields(fields)
            ),
            IEnumerable<string> texts => FieldValue.Json(JsonSerializer.Serialize(texts)),
            _ => FieldValue.Text(value.ToString()!),
        };
}
