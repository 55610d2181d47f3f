namespace Orchestra.Sync.Search;

/// <summary>Where what a query wants stands in a text.</summary>
/// <param name="Start">UTF-16 units from the text's beginning.</param>
/// <param name="End">Behind its last unit.</param>
/// <param name="Term">Which of <see cref="WordQuery.Wanted"/>.</param>
internal readonly record struct WordMatch(int Start, int End, int Term);

internal sealed class WordMatches
{
    private readonly IReadOnlyList<IReadOnlyList<string>> wanted;
    private readonly Dictionary<string, List<int>>.AlternateLookup<ReadOnlySpan<char>> byFirst;

    public WordMatches(WordQuery query)
    {
        wanted = query.Wanted;
        var terms = new Dictionary<string, List<int>>(StringComparer.OrdinalIgnoreCase);
        for (var i = 0; i < wanted.Count; i++)
        {
            if (!terms.TryGetValue(wanted[i][0], out var those))
                terms[wanted[i][0]] = those = [];
            those.Add(i);
        }
        byFirst = terms.GetAlternateLookup<ReadOnlySpan<char>>();
    }

    /// <summary>In the text's order.</summary>
    public List<WordMatch> In(string text)
    {
        var words = Words.Of(text).ToList();
        var found = new List<WordMatch>();
        for (var i = 0; i < words.Count; i++)
            if (byFirst.TryGetValue(text.AsSpan()[words[i]], out var terms))
                foreach (var term in terms)
                    if (IsAt(text, words, i, wanted[term]))
                        found.Add(
                            new(
                                words[i].Start.Value,
                                words[i + wanted[term].Count - 1].End.Value,
                                term
                            )
                        );
        return found;
    }

    /// <summary>
    /// How well a row fits, above 0 to 1, by nothing but the row and the query: what other rows there
    /// are, and whose, does not show. The more of the terms and the more often, the more.
    /// </summary>
    public float RankOf(IEnumerable<string> texts)
    {
        var counts = new int[wanted.Count];
        foreach (var text in texts)
        foreach (var match in In(text))
            counts[match.Term]++;
        return counts.Sum(count => count / (count + 1f)) / wanted.Count;
    }

    private static bool IsAt(string text, List<Range> words, int at, IReadOnlyList<string> term)
    {
        if (at + term.Count > words.Count)
            return false;
        for (var i = 1; i < term.Count; i++)
            if (!text.AsSpan()[words[at + i]].Equals(term[i], StringComparison.OrdinalIgnoreCase))
                return false;
        return true;
    }
}
