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

    /// <exception cref="CommandFailure">There is no database there yet.</exception>
    public Task<OrchestraClient> OpenAsync(ParseResult parsed, CancellationToken cancel)
    {
        var path = DatabasePath(parsed);
        return File.Exists(path)
            ? OpenOrCreateAsync(path, new ClientOptions(), cancel)
            : throw new CommandFailure(
                $"There is no database at {path}",
                "Run orchestra init, or name another with --db or ORCHESTRA_DB."
            );
    }

    public static Task<OrchestraClient> OpenOrCreateAsync(
        string path,
        ClientOptions options,
        CancellationToken cancel
    ) =>
        OrchestraClient.OpenAsync(
            path,
            options with
            {
                App =
                    $"orchestra-cli/{typeof(CommandContext).Assembly.GetName().Version!.ToString(3)}",
                Token = (server, token) => Credentials.Of(path).TokenAsync(server, token),
            },
            cancel
        );
}
