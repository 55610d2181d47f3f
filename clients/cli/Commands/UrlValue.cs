using System.CommandLine.Parsing;

namespace Orchestra.Cli.Commands;

/// <summary>An address on the command line.</summary>
internal static class UrlValue
{
    /// <param name="result">What was given.</param>
    /// <param name="example">What it could be.</param>
    public static Uri? Parse(ArgumentResult result, Uri example)
    {
        var text = result.Tokens.Single().Value;
        if (
            Uri.TryCreate(text, UriKind.Absolute, out var server)
            && (server.Scheme == Uri.UriSchemeHttp || server.Scheme == Uri.UriSchemeHttps)
        )
            return server;
        result.AddError($"'{text}' is no server's address; write for example {example}");
        return null;
    }
}
