using System.CommandLine;
using Orchestra.Cli.Terminal;
using Orchestra.Client;
using Orchestra.Sync;

namespace Orchestra.Cli.Commands;

/// <summary>Finds rows by their words, in this device's copy.</summary>
internal static class SearchCommand
{
    public static Command Build(CommandContext context)
    {
        var words = new Argument<string[]>("words")
        {
            Description = "Words, \"a phrase\", or between alternatives, -not",
            Arity = ArgumentArity.OneOrMore,
        };
        var types = new Option<string[]>("--type")
        {
            Description = "Only rows of this type; may be given more than once",
            AllowMultipleArgumentsPerToken = false,
        };
        var limit = new Option<int>("--limit")
        {
            Description = "At most so many of each type, the best first",
            DefaultValueFactory = _ => 20,
        };
        var command = new Command("search", "Find rows by their words, also offline")
        {
            words,
            types,
            limit,
        };
        command.SetAction(
            async (parsed, cancel) =>
            {
                await using var client = await context.OpenAsync(parsed, cancel);
                var hits = await client.SearchAsync(
                    string.Join(' ', parsed.GetValue(words)!),
                    parsed.GetValue(types) is { Length: > 0 } some ? some : null,
                    parsed.GetValue(limit),
                    cancel
                );
                context.TellAll(
                    parsed,
                    ["entity", "id", "field", "text"],
                    hits,
                    hit => [hit.Entity, hit.Id.ToString(), hit.Snippet.Field, hit.Snippet.Text],
                    ToJson
                );
                return ExitCode.Done;
            }
        );
        return command;
    }

    /// <summary>As the server's search has it, see docs/search.md.</summary>
    private static string ToJson(SearchHit hit) =>
        JsonLine.Of(
            ("entity", hit.Entity),
            ("id", hit.Id),
            ("rank", FieldValue.Real(hit.Rank)),
            ("field", hit.Snippet.Field),
            ("snippet", hit.Snippet.Text),
            (
                "highlights",
                JsonLine.Pairs(hit.Snippet.Highlights.Select(mark => (mark.Start, mark.Length)))
            )
        );
}
