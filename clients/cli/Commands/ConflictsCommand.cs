using System.CommandLine;
using Orchestra.Client;
using Orchestra.Sync;
using Orchestra.Sync.Wire;

namespace Orchestra.Cli.Commands;

/// <summary>Shows what this device's changes lost.</summary>
internal static class ConflictsCommand
{
    public static Command Build(CommandContext context)
    {
        var limit = new Option<int>("--limit")
        {
            Description = "At most so many, the newest first",
            DefaultValueFactory = _ => 100,
        };
        var json = new Option<bool>("--json") { Description = "One JSON object a line" };
        var command = new Command("conflicts", "Show changes of this device that lost something")
        {
            limit,
            json,
        };
        command.SetAction(
            async (parsed, cancel) =>
            {
                await using var client = await context.OpenAsync(parsed, cancel);
                var conflicts = await client.Conflicts.ListAsync(parsed.GetValue(limit), cancel);
                if (parsed.GetValue(json))
                    foreach (var conflict in conflicts)
                        context.Screen.Line(ToJson(conflict));
                else
                    context.Screen.Table(
                        ["verdict", "entity", "id", "op", "reason", "lost"],
                        conflicts.Select(ToRow)
                    );
                return ExitCode.Done;
            }
        );
        return command;
    }

    private static IReadOnlyList<string> ToRow(LocalConflict conflict) =>
        [
            Name(conflict.Verdict),
            conflict.Entity,
            conflict.RowId,
            Name(conflict.Op),
            conflict.Code is null ? "" : $"{conflict.Code} {conflict.Field}: {conflict.Message}",
            WireCodec.WriteFields(conflict.Fields),
        ];

    private static string ToJson(LocalConflict conflict) =>
        WireCodec.WriteFields(
            new Dictionary<string, FieldValue>
            {
                ["verdict"] = FieldValue.Text(Name(conflict.Verdict)),
                ["entity"] = FieldValue.Text(conflict.Entity),
                ["id"] = FieldValue.Text(conflict.RowId),
                ["op"] = FieldValue.Text(Name(conflict.Op)),
                ["code"] = Text(conflict.Code),
                ["message"] = Text(conflict.Message),
                ["field"] = Text(conflict.Field),
                ["fields"] = FieldValue.Json(WireCodec.WriteFields(conflict.Fields)),
            }
        );

    private static FieldValue Text(string? value) =>
        value is null ? FieldValue.Null : FieldValue.Text(value);

    private static string Name<T>(T value)
        where T : struct, Enum =>
        System.Text.Json.JsonNamingPolicy.SnakeCaseLower.ConvertName(value.ToString());
}
