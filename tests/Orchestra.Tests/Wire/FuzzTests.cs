using System.Text;
using System.Text.Json;
using CsCheck;
using Orchestra.Sync.Errors;

namespace Orchestra.Tests.Wire;

/// <summary>Golden messages, damaged at random: each is refused in our own terms, or it is sound.</summary>
public sealed class FuzzTests
{
    private static readonly GoldenMessage[] Golden = [.. GoldenMessage.All];

    private static readonly byte[][] Nasty =
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

    private static readonly Gen<(GoldenMessage Golden, byte[] Bytes)> DamagedBytes =
        from golden in Gen.OneOf(Golden)
        from damages in Gen.Select(Gen.Int[0, 1 << 20], Gen.Int[0, 8], Gen.Byte.Array[0, 4]).List[
            1,
            4
        ]
        select (
            golden,
            damages.Aggregate(
                golden.Bytes,
                (bytes, it) => Splice(bytes, it.Item1, it.Item2, it.Item3)
            )
        );

    private static readonly Gen<(GoldenMessage Golden, byte[] Bytes)> DamagedTokens =
        from golden in Gen.OneOf(Golden)
        from damages in Gen.Select(Gen.Int[0, 1 << 20], Gen.OneOf(Nasty)).List[1, 3]
        select (
            golden,
            damages.Aggregate(golden.Bytes, (bytes, it) => ReplaceToken(bytes, it.Item1, it.Item2))
        );

    [Fact]
    public void Damaged_bytes_are_refused_or_sound() =>
        DamagedBytes.Sample(it => RefusedOrSound(it.Golden, it.Bytes), iter: 20_000);

    [Fact]
    public void Damaged_tokens_are_refused_or_sound() =>
        DamagedTokens.Sample(it => RefusedOrSound(it.Golden, it.Bytes), iter: 20_000);

    [Fact]
    public void Some_damage_is_refused_and_some_is_not()
    {
        var outcomes = new HashSet<bool>();
        DamagedTokens.Sample(
            it =>
            {
                lock (outcomes)
                    outcomes.Add(IsRefused(it.Golden, it.Bytes));
            },
            iter: 500
        );
        Assert.Equal(2, outcomes.Count);
    }

    /// <summary>What is read can be written, and is then read as the very same.</summary>
    private static void RefusedOrSound(GoldenMessage golden, byte[] bytes)
    {
        if (IsRefused(golden, bytes))
            return;
        var written = GoldenMessage.Write(golden.Read(bytes));
        Assert.Equal(written, GoldenMessage.Write(golden.Read(written)));
    }

    private static bool IsRefused(GoldenMessage golden, byte[] bytes)
    {
        try
        {
            golden.Read(bytes);
            return false;
        }
        catch (SyncException e)
        {
            Assert.True(
                e.Code is ErrorCode.Malformed or ErrorCode.TooDeep or ErrorCode.UnknownMessage
            );
            return true;
        }
    }

    private static byte[] Splice(byte[] bytes, int at, int length, byte[] instead)
    {
        var start = at % (bytes.Length + 1);
        var end = Math.Min(bytes.Length, start + length);
        return [.. bytes[..start], .. instead, .. bytes[end..]];
    }

    /// <summary>Puts something else in place of a name, a scalar, or the beginning of a list.</summary>
    private static byte[] ReplaceToken(byte[] bytes, int which, byte[] instead)
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
