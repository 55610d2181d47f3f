using Orchestra.Sync.Errors;

namespace Orchestra.Sync.Search;

/// <summary>
/// What somebody typed to search for, taken apart: words with spaces between them must all occur,
/// <c>"some words"</c> must stand one after another, <c>or</c> separates alternatives, and <c>-</c>
/// before a word or phrase keeps away what has it. Everything else that is typed is space between words:
/// no input is an error but one that is too long. See docs/search.md.
/// </summary>
public sealed class WordQuery
{
    /// <summary>The most that can be asked, UTF-16 units.</summary>
    public const int MaxLength = 1_000;

    private readonly List<Alternative> alternatives = [];
    private WordMatches? matches;

    private WordQuery() { }

    /// <summary>Without a word to look for there is nothing to find.</summary>
    public bool IsEmpty => alternatives.Count == 0;

    /// <summary>What hits can have, each once: a word or the words of a phrase.</summary>
    public IReadOnlyList<IReadOnlyList<string>> Wanted { get; private set; } = [];

    internal WordMatches Matches => matches ??= new(this);

    /// <inheritdoc cref="WordMatches.RankOf"/>
    public float RankOf(IEnumerable<string> texts) => Matches.RankOf(texts);

    /// <exception cref="SyncException"><c>malformed</c>: longer than <see cref="MaxLength"/>.</exception>
    public static WordQuery Parse(string text)
    {
        if (text.Length > MaxLength)
            throw new SyncException(
                ErrorCode.Malformed,
                $"A search has up to {MaxLength} characters",
                "q"
            );
        var query = new WordQuery();
        var current = Alternative.New();
        foreach (var (term, isQuoted, isUnwanted) in Terms(text))
        {
            if (!isQuoted && !isUnwanted && term.Equals("or", StringComparison.OrdinalIgnoreCase))
            {
                query.Add(current);
                current = Alternative.New();
                continue;
            }
            var words = Words.Of(term).Select(place => term[place]).ToList();
            if (words.Count > 0)
                (isUnwanted ? current.Unwanted : current.Wanted).Add(words);
        }
        query.Add(current);
        query.Wanted =
        [
            .. query
                .alternatives.SelectMany(alternative => alternative.Wanted)
                .DistinctBy(Quote, StringComparer.OrdinalIgnoreCase),
        ];
        return query;
    }

    /// <summary>For PostgreSQL's <c>websearch_to_tsquery</c>: every term is in quotes.</summary>
    public string ToWebSearch() =>
        string.Join(
            " or ",
            alternatives.Select(alternative =>
                string.Join(
                    ' ',
                    alternative
                        .Wanted.Select(Quote)
                        .Concat(alternative.Unwanted.Select(term => '-' + Quote(term)))
                )
            )
        );

    /// <summary>For SQLite's FTS5, likewise.</summary>
    public string ToFts5() =>
        string.Join(" OR ", alternatives.Select(alternative => $"({alternative.ToFts5()})"));

    private static string Quote(IReadOnlyList<string> term) => $"\"{string.Join(' ', term)}\"";

    private void Add(Alternative alternative)
    {
        if (alternative.Wanted.Count > 0)
            alternatives.Add(alternative);
    }

    private static IEnumerable<(string Text, bool IsQuoted, bool IsUnwanted)> Terms(string text)
    {
        for (var at = 0; at < text.Length; )
        {
            if (char.IsWhiteSpace(text[at]))
            {
                at++;
                continue;
            }
            var isUnwanted = text[at] == '-';
            while (at < text.Length && text[at] == '-')
                at++;
            var isQuoted = at < text.Length && text[at] == '"';
            var start = isQuoted ? ++at : at;
            while (
                at < text.Length && text[at] != '"' && (isQuoted || !char.IsWhiteSpace(text[at]))
            )
                at++;
            yield return (text[start..at], isQuoted, isUnwanted);
            if (isQuoted)
                at++;
        }
    }

    private readonly record struct Alternative(
        List<IReadOnlyList<string>> Wanted,
        List<IReadOnlyList<string>> Unwanted
    )
    {
        public static Alternative New() => new([], []);

        public string ToFts5()
        {
            var wanted = string.Join(" AND ", Wanted.Select(Quote));
            // One NOT for all: a chain of them nests, and FTS5 takes no deep trees.
            return Unwanted.Count == 0
                ? wanted
                : $"({wanted}) NOT ({string.Join(" OR ", Unwanted.Select(Quote))})";
        }
    }
}
