using System.CommandLine;
using Orchestra.Cli.Terminal;
using Orchestra.Client;
using Orchestra.Sync.Wire;

namespace Orchestra.Cli.Commands;

/// <summary>Stays connected and shows every change as it arrives.</summary>
internal static class WatchCommand
{
    public static Command Build(CommandContext context)
    {
        var command = new Command(
            "watch",
            "Stay connected: send what is written here, show what arrives, until Ctrl-C"
        );
        command.SetAction(
            async (parsed, cancel) =>
            {
                await using var client = await context.OpenAsync(parsed, cancel);
                var asJson = context.IsJson(parsed);
                client.Connection += change => Report(context.Screen, change);
                client.Changed += applied =>
                {
                    foreach (var change in applied.Changes)
                        context.Screen.Line(asJson ? ToJson(change) : ToText(change));
                };
                try
                {
                    await client.RunAsync(cancel);
                }
                catch (OperationCanceledException) when (cancel.IsCancellationRequested)
                {
                    // Ctrl-C is how a watch ends.
                }
                return ExitCode.Done;
            }
        );
        return command;
    }

    private static void Report(Screen screen, ConnectionChanged change) =>
        screen.Error(
            change.IsConnected ? "connected"
            : change.Reason is { } reason ? $"disconnected: {reason.Message}; trying again"
            : "disconnected; trying again"
        );

    private static string ToText(AppliedChange change)
    {
        var what = change.Op == WireOp.Put ? "put" : "delete";
        var who = change.IsOwn ? "this device" : $"{change.Device}";
        var fields = string.Join(' ', change.Fields.Select(pair => $"{pair.Key}={pair.Value}"));
        return $"v{change.Version} {what} {change.Entity} {change.Id} by {who} {fields}".TrimEnd();
    }

    private static string ToJson(AppliedChange change) =>
        JsonLine.Of(
            ("version", change.Version),
            ("op", change.Op == WireOp.Put ? "put" : "delete"),
            ("entity", change.Entity),
            ("id", change.Id),
            ("device", change.Device),
            ("own", change.IsOwn),
            ("edited_at", change.EditedAt),
            ("fields", change.Fields)
        );
}
