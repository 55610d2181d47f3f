using System.CommandLine;
using System.Net.ServerSentEvents;
using Orchestra.Cli.Events;
using Orchestra.Cli.Terminal;
using Orchestra.Sync.Wire;

namespace Orchestra.Cli.Commands;

/// <summary>Shows operators what happens on the cluster. Needs a silo, and no device.</summary>
internal static class EventsCommand
{
    private static readonly Uri DefaultAdmin = new("http://127.0.0.1:8081");
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(2);

    public static Command Build(CommandContext context)
    {
        var admin = new Option<Uri?>("--admin")
        {
            Description = "A silo's admin listener; any silo shows the whole cluster",
            HelpName = "url",
            DefaultValueFactory = _ => DefaultAdmin,
            CustomParser = result => UrlValue.Parse(result, DefaultAdmin),
        };
        var token = new Option<string?>("--token")
        {
            Description = "An operator's, where the silo asks for one: scope orchestra.operator",
            HelpName = "token",
        };
        var owner = new Option<string?>("--owner")
        {
            Description = "Only this owner's",
            HelpName = "id",
        };
        var kind = new Option<string?>("--kind")
        {
            Description = "Only these: commit, conflict, rejection, lost_fence, reset",
            HelpName = "kind,…",
        };
        var command = new Command(
            "events",
            "Operators: show what happens to all users of a cluster, until Ctrl-C"
        )
        {
            admin,
            token,
            owner,
            kind,
        };
        command.SetAction(
            async (parsed, cancel) =>
            {
                var query = Query(parsed.GetValue(owner), parsed.GetValue(kind));
                using var source = new EventSource(
                    parsed.GetValue(admin)!,
                    parsed.GetValue(token),
                    query
                );
                try
                {
                    await ShowAsync(source, context.Screen, context.IsJson(parsed), cancel);
                }
                catch (OperationCanceledException) when (cancel.IsCancellationRequested)
                {
                    // Ctrl-C is how it ends.
                }
                return ExitCode.Done;
            }
        );
        return command;
    }

    private static string Query(string? owner, string? kind)
    {
        var parts = new[] { ("owner", owner), ("kind", kind) }
            .Where(part => part.Item2 is not null)
            .Select(part => $"{part.Item1}={Uri.EscapeDataString(part.Item2!)}");
        return "?" + string.Join('&', parts);
    }

    /// <summary>Once it has been connected, it connects again however often that takes.</summary>
    private static async Task ShowAsync(
        EventSource source,
        Screen screen,
        bool asJson,
        CancellationToken cancel
    )
    {
        var isConnected = false;
        var wasConnected = false;
        while (true)
        {
            string reason;
            try
            {
                await foreach (var item in source.ReadAsync(cancel))
                {
                    isConnected = wasConnected = true;
                    Show(screen, item, asJson);
                }
                reason = "the silo ended the feed";
            }
            catch (CommandFailure e) when (wasConnected && e.ExitCode == ExitCode.NotReached)
            {
                reason = e.Message;
            }
            if (isConnected)
                screen.Error($"disconnected: {reason}; trying again");
            isConnected = false;
            await Task.Delay(Pause, cancel);
        }
    }

    private static void Show(Screen screen, SseItem<string> item, bool asJson)
    {
        switch (item.EventType)
        {
            case "event":
                screen.Line(asJson ? item.Data : EventText.ToLine(item.Data));
                break;
            case "dropped":
                var count = WireCodec.ReadFields(item.Data)["count"];
                screen.Error($"{count} events dropped: more happened than was read");
                break;
            case "interrupted":
                screen.Error("interrupted: the cluster changes; events may be missing");
                break;
            case "ready":
                screen.Error("watching");
                break;
        }
    }
}
