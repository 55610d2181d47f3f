using System.Security.Cryptography;
using System.Text;

namespace Orchestra.Sync.Search;

/// <summary>What a row's vector is computed from, and how that is recorded.</summary>
/// <param name="Text">At most <see cref="MaxBytes"/>; empty = there is nothing to give a vector for.</param>
public readonly record struct EmbeddedText(string Text)
{
    /// <summary>
    /// UTF-8 bytes of a text that go to a model; the rest is cut off. Models take some 8,000 tokens, and
    /// no token is less than a byte.
    /// </summary>
    public const int MaxBytes = 8_000;

    /// <summary>What of a field is needed for that, characters.</summary>
    public const int MaxLength = MaxBytes;

    /// <summary>SHA-256 of the text's UTF-8, 64 lower-case hex digits.</summary>
    public string Hash => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(Text)));

    /// <summary>The parts that are not empty, a line break between two.</summary>
    /// <param name="parts">The searched fields in the catalog's order, then contents.</param>
    public static EmbeddedText Of(IEnumerable<string> parts)
    {
        var text = string.Join('\n', parts.Where(part => part.Length > 0));
        return new(string.IsNullOrWhiteSpace(text) ? "" : Cut(text));
    }

    /// <summary>Says nothing of the text, which is a user's.</summary>
    public override string ToString() => nameof(EmbeddedText);

    private static string Cut(string text)
    {
        var (bytes, length) = (0, 0);
        foreach (var rune in text.EnumerateRunes())
        {
            bytes += rune.Utf8SequenceLength;
            if (bytes > MaxBytes)
                return text[..length];
            length += rune.Utf16SequenceLength;
        }
        return text;
    }
}
