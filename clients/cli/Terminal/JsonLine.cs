using System.Text.Json;
using System.Text.Json.Serialization;
using Orchestra.Sync;
using Orchestra.Sync.Wire;

namespace Orchestra.Cli.Terminal;

/// <summary>A result as one JSON object on one line.</summary>
internal static partial class JsonLine
{
    public static string Of(params IEnumerable<(string Name, object? Value)> members) =>
        WireCodec.WriteFields(
            members.ToDictionary(member => member.Name, member => Value(member.Value))
        );

    /// <summary>Pairs of numbers, such as where something begins and how long it is.</summary>
    public static FieldValue Pairs(IEnumerable<(int First, int Second)> pairs) =>
        FieldValue.Json(
            JsonSerializer.Serialize(
                [.. pairs.Select(pair => new[] { pair.First, pair.Second })],
                Lists.Default.Int32ArrayArray
            )
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
            IEnumerable<string> texts => FieldValue.Json(
                JsonSerializer.Serialize([.. texts], Lists.Default.StringArray)
            ),
            _ => FieldValue.Text(value.ToString()!),
        };

    [JsonSerializable(typeof(string[]))]
    [JsonSerializable(typeof(int[][]))]
    private sealed partial class Lists : JsonSerializerContext;
}
