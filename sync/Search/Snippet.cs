using Orleans;

namespace Orchestra.Sync.Search;

/// <summary>A piece of a row's text that shows why it was found.</summary>
/// <param name="Field">Which field it is of.</param>
/// <param name="Text">
/// Up to 162 UTF-16 units, in one line: white space and control characters are spaces, and where text
/// is left out there is an <c>…</c>.
/// </param>
/// <param name="Highlights">What was searched for, in order and apart from each other.</param>
[GenerateSerializer, Immutable]
public sealed record Snippet(
    [property: Id(0)] string Field,
    [property: Id(1)] string Text,
    [property: Id(2)] IReadOnlyList<Highlight> Highlights
)
{
    private const int MaxLength = 160;
    private const int Before = 40;

    /// <summary>From the field that has the most of what was searched for.</summary>
    /// <param name="query">What was searched for.</param>
    /// <param name="fields">The searched fields with their texts, the first the most telling.</param>
    public static Snippet Of(WordQuery query, IEnumerable<(string Field, string Text)> fields)
    {
        var (best, most) = (new Snippet("", "", []), -1);
        foreach (var (field, text) in fields)
        {
            var found = query.Matches.In(text);
            var (first, terms) = Densest(found);
            if (terms > most)
                (best, most) = (Cut(field, text, found, first), terms);
        }
        return best;
    }

    /// <summary>The match with which the piece begins that has most terms, and how many.</summary>
    private static (int First, int Terms) Densest(List<WordMatch> found)
    {
        var (best, most) = (0, 0);
        var inside = new Dictionary<int, int>();
        for (int first = 0, next = 0; first < found.Count; first++)
        {
            for (
                ;
                next < found.Count
                    && (
                        next == first || found[next].End - found[first].Start <= MaxLength - Before
                    );
                next++
            )
                inside[found[next].Term] = inside.GetValueOrDefault(found[next].Term) + 1;
            if (inside.Count > most)
                (best, most) = (first, inside.Count);
            if (--inside[found[first].Term] == 0)
                inside.Remove(found[first].Term);
        }
        return (best, most);
    }

    private static Snippet Cut(string field, string text, List<WordMatch> found, int first)
    {
        var at = found.Count == 0 ? 0 : found[first].Start;
        var from = at <= Before ? 0 : StartOfWord(text, at - Before, at);
        var to =
            text.Length - from <= MaxLength ? text.Length : EndOfWord(text, from + MaxLength, at);
        var head = from > 0 ? "…" : "";
        var tail = to < text.Length ? "…" : "";
        var piece = string.Create(
            to - from,
            text.AsMemory(from, to - from),
            (line, source) =>
            {
                for (var i = 0; i < line.Length; i++)
                {
                    var unit = source.Span[i];
                    line[i] = char.IsWhiteSpace(unit) || char.IsControl(unit) ? ' ' : unit;
                }
            }
        );
        var highlights = new List<Highlight>();
        var end = from;
        foreach (var match in found.Where(match => match.End > from && match.Start < to))
        {
            var (start, stop) = (Math.Max(match.Start, end), Math.Min(match.End, to));
            if (stop <= start)
                continue;
            // Phrases that overlap are one.
            if (highlights.Count > 0 && match.Start < end)
                highlights[^1] = highlights[^1] with
                {
                    Length = highlights[^1].Length + stop - start,
                };
            else
                highlights.Add(new(start - from + head.Length, stop - start));
            end = stop;
        }
        return new(field, head + piece + tail, highlights);
    }

    private static int StartOfWord(string text, int at, int match)
    {
        for (var i = at; i < match; i++)
            if (char.IsWhiteSpace(text[i]))
                return i + 1;
        return char.IsLowSurrogate(text[at]) ? at + 1 : at;
    }

    private static int EndOfWord(string text, int at, int match)
    {
        for (var i = at; i > Math.Max(match, at - Before); i--)
            if (char.IsWhiteSpace(text[i]))
                return i;
        return char.IsLowSurrogate(text[at]) ? at - 1 : at;
    }
}

/// <param name="Start">Where in the snippet's text it begins, UTF-16 units.</param>
/// <param name="Length">How long it is, UTF-16 units.</param>
[GenerateSerializer, Immutable]
public readonly record struct Highlight([property: Id(0)] int Start, [property: Id(1)] int Length);
