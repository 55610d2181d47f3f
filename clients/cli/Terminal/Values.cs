using System.Globalization;
using Orchestra.Client;
using Orchestra.Sync;
using Orchestra.Sync.Catalog;
using Orchestra.Sync.Errors;
using Orchestra.Sync.Wire;

namespace Orchestra.Cli.Terminal;

/// <summary>Field values as people write and read them.</summary>
internal static class Values
{
    /// <summary>One row as one line of JSON: id, version, fields.</summary>
    public static string ToJson(EntityRow row) =>
        WireCodec.WriteFields(
            new Dictionary<string, FieldValue>(row.Fields)
            {
                ["id"] = FieldValue.Text(row.Id.ToString()),
                ["version"] = FieldValue.Integer(row.Version),
            }
        );

    /// <summary>
    /// <c>name=text</c> by the field's type, <c>name:=json</c> as it stands; <c>name:=null</c>
    /// clears.
    /// </summary>
    /// <exception cref="CommandFailure">It is neither, or not what the field holds.</exception>
    public static KeyValuePair<string, FieldValue> Parse(EntityType? type, string argument)
    {
        var at = argument.IndexOf('=', StringComparison.Ordinal);
        if (at <= 0)
            throw new CommandFailure(
                $"'{argument}' is no field",
                "Write field=value, or field:=json.",
                ExitCode.Usage
            );
        var text = argument[(at + 1)..];
        if (argument[at - 1] == ':')
            return new(argument[..(at - 1)], Json(text));
        var name = argument[..at];
        return new(name, Convert(type?.Find(name)?.Type ?? FieldType.Text, name, text));
    }

    /// <summary>A JSON object's members as fields.</summary>
    /// <exception cref="CommandFailure">It is none.</exception>
    public static IReadOnlyDictionary<string, FieldValue> ParseObject(string json)
    {
        try
        {
            return WireCodec.ReadFields(json);
        }
        catch (Exception e) when (e is System.Text.Json.JsonException or SyncException)
        {
            throw new CommandFailure(
                $"That is no JSON object: {json}",
                """Write for example '{"name":"Apollo"}'.""",
                ExitCode.Usage
            );
        }
    }

    private static FieldValue Json(string text) => ParseObject($$"""{"value":{{text}}}""")["value"];

    private static FieldValue Convert(FieldType type, string name, string text) =>
        type switch
        {
            FieldType.Integer
                when long.TryParse(text, CultureInfo.InvariantCulture, out var number) =>
                FieldValue.Integer(number),
            FieldType.Real when double.TryParse(text, CultureInfo.InvariantCulture, out var real) =>
                FieldValue.Real(real),
            FieldType.Boolean when bool.TryParse(text, out var flag) => FieldValue.Boolean(flag),
            FieldType.Json => Json(text),
            FieldType.Integer or FieldType.Real or FieldType.Boolean => throw new CommandFailure(
                $"{name} takes {(type == FieldType.Boolean ? "true or false" : "a number")}, not '{text}'",
                $"Write {name}:=null to clear it.",
                ExitCode.Usage
            ),
            _ => FieldValue.Text(text),
        };
}
