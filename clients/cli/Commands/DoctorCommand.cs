using System.CommandLine;
using System.Runtime.CompilerServices;
using Microsoft.Data.Sqlite;
using Orchestra.Cli.Doctor;
using Orchestra.Client;
using Orchestra.Sync.Errors;

namespace Orchestra.Cli.Commands;

/// <summary>Checks by hand what can go wrong, and names cures.</summary>
internal static class DoctorCommand
{
    public static Command Build(CommandContext context)
    {
        var offline = new Option<bool>("--offline") { Description = "Ask no server" };
        var command = new Command("doctor", "Check database, server, login and copy") { offline };
        command.SetAction(
            async (parsed, cancel) =>
            {
                var worst = Health.Skipped;
                await foreach (
                    var finding in RunAsync(context, parsed, parsed.GetValue(offline), cancel)
                )
                {
                    context.Screen.Line(
                        context.IsJson(parsed) ? finding.ToJson() : finding.ToLine()
                    );
                    if (finding.Health > worst)
                        worst = finding.Health;
                }
                return worst == Health.Failed ? ExitCode.Failed : ExitCode.Done;
            }
        );
        return command;
    }

    private static async IAsyncEnumerable<Finding> RunAsync(
        CommandContext context,
        ParseResult parsed,
        bool isOffline,
        [EnumeratorCancellation] CancellationToken cancel
    )
    {
        var (client, opened) = await OpenAsync(context, parsed, cancel);
        yield return opened;
        if (client is null)
            yield break;
        await using var open = client;
        foreach (var finding in await CheckDatabaseAsync(client, cancel))
            yield return finding;
        await foreach (
            var finding in new ServerChecks(
                client,
                new ServerContact(TimeProvider.System)
            ).RunAsync(isOffline, cancel)
        )
            yield return finding;
    }

    private static async Task<(OrchestraClient?, Finding)> OpenAsync(
        CommandContext context,
        ParseResult parsed,
        CancellationToken cancel
    )
    {
        var path = context.DatabasePath(parsed);
        try
        {
            var client = await context.OpenAsync(parsed, cancel, retries: 0);
            return (client, Finding.Ok("file", path));
        }
        catch (Exception e) when (e is SqliteException or SyncException)
        {
            var cure =
                e is SyncException
                    ? "Use the newer orchestra that made it."
                    : "Check the path and its permissions; run orchestra init in a new place.";
            return (null, Finding.Failed("file", $"{path}: {e.Message}", cure));
        }
    }

    /// <summary>A file that is badly damaged cannot even be asked how badly.</summary>
    private static async Task<IEnumerable<Finding>> CheckDatabaseAsync(
        OrchestraClient client,
        CancellationToken cancel
    )
    {
        try
        {
            return DatabaseChecks.Run(await client.CheckAsync(cancel));
        }
        catch (SqliteException e)
        {
            return [DatabaseChecks.Unreadable(e.Message)];
        }
    }
}
