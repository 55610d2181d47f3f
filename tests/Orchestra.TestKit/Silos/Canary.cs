using System.Text.RegularExpressions;

namespace Orchestra.TestKit.Silos;

/// <summary>
/// What users write and the tokens that let them in are nobody else's business: a word that tests put
/// into both, and that no log, metric, trace or error may ever hold.
/// </summary>
public static partial class Canary
{
    public const string Word = "canary-7f3a9c";

    /// <exception cref="InvalidOperationException">One holds the word, or a token.</exception>
    public static void RequireNone(string where, IEnumerable<string?> texts)
    {
        foreach (var text in texts)
            if (
                text is not null
                && (text.Contains(Word, StringComparison.Ordinal) || HasToken(text))
            )
                throw new InvalidOperationException($"{where} tells what it must not: {text}");
    }

    private static bool HasToken(string text) =>
        text.Contains("eyJ", StringComparison.Ordinal) && Token().IsMatch(text);

    [GeneratedRegex(@"eyJ[\w-]{10,}\.[\w-]{10,}")]
    private static partial Regex Token();
}
