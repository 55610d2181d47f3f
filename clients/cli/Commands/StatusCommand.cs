using System.CommandLine;
using Orchestra.Client;
using Orchestra.Sync;
using Orchestra.Sync.Decisions;
using Orchestra.Sync.Wire;

namespace Orchestra.Cli.Commands;

/// <summary>Shows where this device stands, without a connection.</summary>
internal static class StatusCommand
{
    public static Command Build(CommandContext context)
    {
        var command = new Command("status", "Show where this device stands");
        command.SetAction(
            async (parsed, cancel) =>
            {
                await using var client = await context.OpenAsync(parsed, cancel);
                var lines = Describe(
                    await client.ReadStatusAsync(cancel),
                    await client.Contents.ReadStatusAsync(cancel)
                );
                if (context.IsJson(parsed))
                    context.Screen.Line(
                        WireCodec.WriteFields(
                            lines.ToDictionary(line => line.Name, line => line.Value)
                        )
                    );
                else
                    foreach (var (name, value) in lines)
                        context.Screen.Line($"{name, -18}{(value.IsNull ? "-" : value)}");
                return ExitCode.Done;
            }
        );
        return command;
    }

    private static List<(string Name, FieldValue Value)> Describe(
        ClientStatus status,
        ContentStatus contents
    ) =>
        [
            ("device", FieldValue.Text(status.Device.ToString())),
            ("kind", FieldValue.Text(EnumNames<DeviceKind>.Write(status.Kind))),
            ("name", FieldValue.Text(status.Name)),
            ("server", Text(status.Server)),
            ("owner", Text(status.Owner)),
            ("epoch", FieldValue.Integer(status.Cursor.Epoch)),
            ("version", FieldValue.Integer(status.Cursor.Version)),
            ("server_version", Number(status.ServerDigest?.Version)),
            ("rows", FieldValue.Integer(status.Rows)),
            ("server_rows", Number(status.ServerDigest?.Rows)),
            ("digest", FieldValue.Text(Digest.Write(status.Digest))),
            (
                "server_digest",
                status.ServerDigest is { } seen
                    ? FieldValue.Text(Digest.Write(seen.Digest))
                    : FieldValue.Null
            ),
            (
                "matches",
                status.Matches is { } matches ? FieldValue.Boolean(matches) : FieldValue.Null
            ),
            ("outbox", FieldValue.Integer(status.Outbox)),
            ("conflicts", FieldValue.Integer(status.Conflicts)),
            ("contents_waiting", FieldValue.Integer(contents.Pending)),
            ("contents_refused", FieldValue.Integer(contents.Refused.Count)),
            ("contents_bytes", FieldValue.Integer(contents.CachedBytes)),
            ("last_contact", Time(status.LastContact)),
            ("differed_at", Time(status.DifferedAt)),
        ];

    private static FieldValue Time(DateTimeOffset? value) =>
        value is { } time ? FieldValue.Text(Timestamps.Write(time)) : FieldValue.Null;

    private static FieldValue Text(object? value) =>
        value is null ? FieldValue.Null : FieldValue.Text(value.ToString()!);

    private static FieldValue Number(long? value) =>
        value is { } number ? FieldValue.Integer(number) : FieldValue.Null;
}
