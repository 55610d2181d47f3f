using System.Text;
using Orchestra.Sync;
using Orchestra.Sync.Wire;

namespace Orchestra.Tests.Wire;

public sealed class EscapingTests
{
    [Fact]
    public void Only_quotes_backslashes_and_control_characters_are_escaped()
    {
        var escaped = AllRunes().Where(rune => Write($"{rune}") != $"\"{rune}\"");
        Assert.Equal([.. Enumerable.Range(0, ' '), '"', '\\'], escaped.Select(rune => rune.Value));
    }

    [Theory]
    [InlineData("\"\\\b\t\n\f\r", """\"\\\b\t\n\f\r""")]
    [InlineData("\u0000\u001f\u007f", "\\u0000\\u001f\u007f")]
    [InlineData("<a href='x'>&+é\u2028🚀", "<a href='x'>&+é\u2028🚀")]
    [InlineData("🚀\"🚀\n🚀", """🚀\"🚀\n🚀""")]
    public void Text_is_written_like_this(string text, string written) =>
        Assert.Equal($"\"{written}\"", Write(text));

    [Fact]
    public void Text_that_is_no_Unicode_is_repaired_rather_than_sent()
    {
        // Not as InlineData: such text does not survive the way through the test runner.
        Assert.Equal("a\ufffdb", TokenOf("a\ud800b"));
        Assert.Equal("\ufffd", TokenOf("\udc00"));
        Assert.Equal("🚀\ufffd", TokenOf("🚀\ud83d"));
        Assert.Equal("\"\ufffd\n", TokenOf("\"\ud800\n"));
    }

    [Fact]
    public void Text_longer_than_any_buffer_comes_through()
    {
        var text = string.Concat(Enumerable.Repeat("wörd 🚀 \"\\\n\u0001", 20_000));
        Assert.Equal(text, TokenOf(text));
    }

    private static string TokenOf(string text) =>
        Assert
            .IsType<TokenMessage>(
                WireCodec.ReadClientMessage(WireCodec.Write(new TokenMessage(text)))
            )
            .Token;

    private static string Write(string text) => WireCodec.WriteValue(FieldValue.Text(text));

    private static IEnumerable<Rune> AllRunes() =>
        Enumerable.Range(0, 0x110000).Where(Rune.IsValid).Select(value => new Rune(value));
}
