using System.CommandLine;
using Orchestra.Cli.Terminal;
using Orchestra.Client;
using Orchestra.Sync;
using Orchestra.Sync.Catalog;
using Orchestra.Sync.Decisions;
using Orchestra.Sync.Wire;

namespace Orchestra.Cli.Commands;

/// <summary>Creates or changes one row.</summary>
internal static class PutCommand
{
    public static Command Build(CommandContext context)
    {
        var entity = new Argument<string>("entity")
        {
            Description = "The entity type, such as projects",
        };
        var rest = new Argument<string[]>("[id] field=value")
        {
            Description =
                "The row's id, if it has one already, and its fields; field:=json for other JSON "
                + "than text, field:=null to clear",
            Arity = ArgumentArity.ZeroOrMore,
        };
        var given = new Option<string?>("--fields")
        {
            Description = "Fields as a JSON object; - reads it from the standard input",
            HelpName = "object",
        };
        var offline = SendNow.OfflineOption();
        var command = new Command("put", "Create a row, or change fields of one")
        {
            entity,
            rest,
            given,
            offline,
        };
        command.SetAction(
            async (parsed, cancel) =>
            {
                await using var client = await context.OpenAsync(parsed, cancel, retries: 0);
                var type = (await client.ReadCatalogAsync(cancel)).Find(parsed.GetValue(entity)!);
                var arguments = parsed.GetValue(rest)!;
                var hasId = arguments.Length > 0 && CanonicalUuid.TryParse(arguments[0], out _);
                var fields = Fields(type, arguments.Skip(hasId ? 1 : 0), parsed.GetValue(given));
                var id = hasId ? Guid.Parse(arguments[0]) : NewId(type, fields);
                var isChange = await client.PutAsync(parsed.GetValue(entity)!, id, fields, cancel);
                // A reader of the output need not wait for the network.
                if (!context.IsJson(parsed))
                    context.Screen.Line(id.ToString());
                if (!isChange)
                    context.Screen.Error("Nothing changed: the row has these values already.");
                var isSent =
                    isChange
                    && !parsed.GetValue(offline)
                    && await SendNow.TryAsync(context, client, cancel);
                if (context.IsJson(parsed))
                    context.Screen.Line(
                        JsonLine.Of(("id", id), ("changed", isChange), ("sent", isSent))
                    );
                return ExitCode.Done;
            }
        );
        return command;
    }

    private static Dictionary<string, FieldValue> Fields(
        EntityType? type,
        IEnumerable<string> arguments,
        string? json
    )
    {
        var fields = new Dictionary<string, FieldValue>();
        if (json is not null)
            foreach (
                var (name, value) in Values.ParseObject(json == "-" ? Console.In.ReadToEnd() : json)
            )
                fields[name] = value;
        foreach (var (name, value) in arguments.Select(text => Values.Parse(type, text)))
            fields[name] = value;
        return fields;
    }

    private static Guid NewId(EntityType? type, Dictionary<string, FieldValue> fields) =>
        type is { NaturalKey: { Count: > 0 } key } && key.All(f => fields.ContainsKey(f.Name))
            ? NaturalKey.IdOf(type, fields)
            : Guid.NewGuid();
}
