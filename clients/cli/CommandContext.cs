using System.CommandLine;
using Orchestra.Cli.Terminal;
using Orchestra.Client;
using Orchestra.Sync;

namespace Orchestra.Cli;

/// <summary>What every command starts from: the screen, and the options that all have.</summary>
internal sealed record CommandContext(Screen Screen, Option<string?> Database, Option<bool> Json)
{
    public bool IsJson(ParseResult parsed) => parsed.GetValue(Json);

    /// <summary>The result of a command: a sentence for people, an object for programs.</summary>
    public void Tell(
        ParseResult parsed,
        string sentence,
        params IEnumerable<(string Name, object? Value)> members
    ) => Screen.Line(IsJson(parsed) ? JsonLine.Of(members) : sentence);

    /// <summary>A list of results: a table for people, an object a line for programs.</summary>
    public void TellAll<T>(
        ParseResult parsed,
        IReadOnlyList<string> headers,
        IEnumerable<T> results,
        Func<T, IReadOnlyList<string>> toCells,
        Func<T, string> toJson
    )
    {
        if (!IsJson(parsed))
            Screen.Table(headers, results.Select(toCells));
        else
            foreach (var result in results)
                Screen.Line(toJson(result));
    }

    public string DatabasePath(ParseResult parsed)
    {
        var path =
            parsed.GetValue(Database)
            ?? Environment.GetEnvironmentVariable("ORCHESTRA_DB")
            ?? Path.Combine(".orchestra", "orchestra.db");
        return Path.GetFullPath(path);
    }

    /// <param name="parsed">The command line.</param>
    /// <param name="cancel">Ends it.</param>
    /// <param name="retries">How often to try a server that does not answer; null = as usual.</param>
    /// <exception cref="CommandFailure">There is no database there yet.</exception>
    public Task<OrchestraClient> OpenAsync(
        ParseResult parsed,
        CancellationToken cancel,
        int? retries = null
    )
    {
        var path = DatabasePath(parsed);
        var options = new ClientOptions { Database = path };
        if (retries is { } count)
            options = options with { SyncRetries = count };
        return File.Exists(path)
            ? OpenOrCreateAsync(options, cancel)
            : throw new CommandFailure(
                $"There is no database at {path}",
                "Run orchestra init, or name another with --db or ORCHESTRA_DB."
            );
    }

    /// <summary>Sends and fetches until nothing is left, beside bars if that is much.</summary>
    public Task SyncAsync(OrchestraClient client, CancellationToken cancel) =>
        Screen.ProgressAsync(async board =>
        {
            var bars = new SyncBars(board);
            client.Progress += bars.Show;
            client.Connection += Report;
            try
            {
                await client.SyncAsync(cancel);
            }
            finally
            {
                client.Progress -= bars.Show;
                client.Connection -= Report;
            }
        });

    private void Report(ConnectionChanged change)
    {
        if (change.Reason is { } reason)
            Screen.Error($"disconnected: {reason.Message}; trying again");
    }

    public static Task<OrchestraClient> OpenOrCreateAsync(
        ClientOptions options,
        CancellationToken cancel
    ) =>
        OrchestraClient.OpenAsync(
            options with
            {
                App = $"orchestra-cli/{ProductVersion.Text}",
                Token = (server, token) =>
                    Credentials.Of(options.Database).TokenAsync(server, token),
            },
            cancel
        );
}
