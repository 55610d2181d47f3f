using System.CommandLine;
using Orchestra.Cli.Terminal;
using Orchestra.Client;
using Orchestra.Sync;

namespace Orchestra.Cli;

/// <summary>What every command starts from: the screen and the database it is about.</summary>
internal sealed record CommandContext(Screen Screen, Option<string?> Database)
{
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

    public static Task<OrchestraClient> OpenOrCreateAsync(
        ClientOptions options,
        CancellationToken cancel
    ) =>
        OrchestraClient.OpenAsync(
            options with
            {
                App =
                    $"orchestra-cli/{typeof(CommandContext).Assembly.GetName().Version!.ToString(3)}",
                Token = (server, token) =>
                    Credentials.Of(options.Database).TokenAsync(server, token),
            },
            cancel
        );
}
