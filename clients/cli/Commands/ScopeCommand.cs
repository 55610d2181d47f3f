using System.CommandLine;
using Orchestra.Client;

namespace Orchestra.Cli.Commands;

/// <summary>Which entity types this device takes.</summary>
internal static class ScopeCommand
{
    public static Command Build(CommandContext context)
    {
        var types = new Argument<string[]>("types")
        {
            Description = "The only entity types to take from now on; none to see which those are",
            Arity = ArgumentArity.ZeroOrMore,
        };
        var all = new Option<bool>("--all") { Description = "Take all of them again" };
        var offline = SendNow.OfflineOption();
        var command = new Command("scope", "Show or say which entity types this device takes")
        {
            types,
            all,
            offline,
        };
        command.Validators.Add(parsed =>
        {
            if (parsed.GetValue(all) && parsed.GetValue(types) is { Length: > 0 })
                parsed.AddError("Give either types or --all.");
        });
        command.SetAction(
            async (parsed, cancel) =>
            {
                await using var client = await context.OpenAsync(parsed, cancel, retries: 0);
                var wanted = parsed.GetValue(types)!;
                if (wanted.Length > 0 || parsed.GetValue(all))
                    await ChangeAsync(
                        context,
                        client,
                        parsed.GetValue(all) ? null : wanted,
                        parsed.GetValue(offline),
                        cancel
                    );
                var taken = await client.ReadScopeAsync(cancel);
                context.Tell(
                    parsed,
                    taken is null ? "all entity types" : string.Join('\n', taken),
                    ("entities", taken)
                );
                return ExitCode.Done;
            }
        );
        return command;
    }

    private static async Task ChangeAsync(
        CommandContext context,
        OrchestraClient client,
        IReadOnlyCollection<string>? entities,
        bool isOffline,
        CancellationToken cancel
    )
    {
        await client.TakeOnlyAsync(entities, cancel);
        if (!isOffline)
            await SendNow.TryAsync(context, client, cancel);
    }
}
