using System.Globalization;
using System.Text;

namespace Orchestra.Sync.Search;

/// <summary>
/// Where the words of a text are: runs of letters and digits, with the accents that follow them, as the
/// databases see them too.
/// </summary>
internal static class Words
{
    public static IEnumerable<Range> Of(string text)
    {
        var start = -1;
        for (var at = 0; at < text.Length; )
        {
            // Half a pair stands for a character that no word has.
            if (Rune.DecodeFromUtf16(text.AsSpan(at), out var rune, out var length) != 0)
                rune = Rune.ReplacementChar;
            if (IsOfWord(rune) || (start >= 0 && rune.Value is >= 0x300 and <= 0x331))
                start = start < 0 ? at : start;
            else if (start >= 0)
            {
                yield return start..at;
                start = -1;
            }
            at += length;
        }
        if (start >= 0)
            yield return start..text.Length;
    }

    private static bool IsOfWord(Rune rune) =>
        rune.IsAscii
            ? char.IsAsciiLetterOrDigit((char)rune.Value)
            : Rune.GetUnicodeCategory(rune)
                is UnicodeCategory.UppercaseLetter
                    or UnicodeCategory.LowercaseLetter
                    or UnicodeCategory.TitlecaseLetter
                    or UnicodeCategory.ModifierLetter
                    or UnicodeCategory.OtherLetter
                    or UnicodeCategory.DecimalDigitNumber
                    or UnicodeCategory.LetterNumber
                    or UnicodeCategory.OtherNumber;
}
