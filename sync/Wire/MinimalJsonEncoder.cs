using System.Buffers;
using System.Text;
using System.Text.Encodings.Web;

namespace Orchestra.Sync.Wire;

/// <summary>
/// Escapes what JSON demands and nothing else. The encoders that come with .NET turn an emoji into
/// twelve bytes, which would make a value's size on the wire depend on who wrote it.
/// </summary>
internal sealed unsafe class MinimalJsonEncoder : JavaScriptEncoder
{
    internal static readonly MinimalJsonEncoder Instance = new();

    private static readonly SearchValues<char> Escaped = SearchValues.Create([
        .. Enumerable.Range(0, ' ').Select(code => (char)code),
        '"',
        '\\',
    ]);

    /// <summary><c>\u001f</c>.</summary>
    public override int MaxOutputCharactersPerInputCharacter => 6;

    public override bool WillEncode(int unicodeScalar) =>
        unicodeScalar is < ' ' or '"' or '\\' or (>= 0xd800 and <= 0xdfff);

    public override int FindFirstCharacterToEncode(char* text, int textLength)
    {
        var span = new ReadOnlySpan<char>(text, textLength);
        var escaped = span.IndexOfAny(Escaped);
        var plain = escaped < 0 ? span : span[..escaped];
        var lone = IndexOfLoneSurrogate(plain);
        return lone < 0 ? escaped : lone;
    }

    public override bool TryEncodeUnicodeScalar(
        int unicodeScalar,
        char* buffer,
        int bufferLength,
        out int numberOfCharactersWritten
    )
    {
        var target = new Span<char>(buffer, bufferLength);
        if (!WillEncode(unicodeScalar))
            return new Rune(unicodeScalar).TryEncodeToUtf16(target, out numberOfCharactersWritten);
        var written = unicodeScalar switch
        {
            '"' => @"\""",
            '\\' => @"\\",
            '\b' => @"\b",
            '\t' => @"\t",
            '\n' => @"\n",
            '\f' => @"\f",
            '\r' => @"\r",
            _ => $"\\u{unicodeScalar:x4}",
        };
        numberOfCharactersWritten = written.TryCopyTo(target) ? written.Length : 0;
        return numberOfCharactersWritten > 0;
    }

    private static int IndexOfLoneSurrogate(ReadOnlySpan<char> text)
    {
        for (var start = 0; ; )
        {
            var found = text[start..].IndexOfAnyInRange('\ud800', '\udfff');
            if (found < 0)
                return -1;
            start += found;
            if (Rune.DecodeFromUtf16(text[start..], out _, out var length) != OperationStatus.Done)
                return start;
            start += length;
        }
    }
}
