using System.Text;
using System.Text.Json;

namespace Orchestra.Tests.Wire;

/// <summary>What becomes of good JSON on its way from somebody who does not mean well.</summary>
internal static class Damage
{
    /// <summary>What is put in place of something.</summary>
    public static readonly byte[][] Nasty =
    [
        .. new[]
        {
            "null",
            "{}",
            "[]",
            "[null]",
            "-0",
            "1e400",
            "9223372036854775808",
            "-1",
            "1.5",
            "true",
            "\"\"",
            "\"\\ud800\"",
            "\"\\u0000\"",
            "\"t\"",
            "\"ref\"",
            "\"changes\"",
            "\"$id\"",
            "\"00000000-0000-0000-0000-000000000000\"",
            "\"9999-12-31T23:59:59.999999Z\"",
            "{\"a\":1,\"a\":2}",
            "{\"\\udc00\":[1e100000]}",
            new string('[', 40),
            new string('[', 31) + new string(']', 31),
        }.Select(Encoding.UTF8.GetBytes),
    ];

    public static byte[] Splice(byte[] bytes, int at, int length, byte[] instead)
    {
        var start = at % (bytes.Length + 1);
        var end = Math.Min(bytes.Length, start + length);
        return [.. bytes[..start], .. instead, .. bytes[end..]];
    }

    /// <summary>Puts something else in place of a name, a scalar, or the beginning of a list.</summary>
    public static byte[] ReplaceToken(byte[] bytes, int which, byte[] instead)
    {
        var tokens = new List<(int Start, int Length)>();
        var reader = new Utf8JsonReader(bytes, new() { MaxDepth = 1000 });
        try
        {
            while (reader.Read())
                tokens.Add(
                    (
                        (int)reader.TokenStartIndex,
                        (int)(reader.BytesConsumed - reader.TokenStartIndex)
                    )
                );
        }
        catch (JsonException)
        {
            // Damaged earlier: what comes before the damage can be replaced.
        }
        if (tokens.Count == 0)
            return bytes;
        var (start, length) = tokens[which % tokens.Count];
        return [.. bytes[..start], .. instead, .. bytes[(start + length)..]];
    }
}
