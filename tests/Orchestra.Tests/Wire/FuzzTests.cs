using CsCheck;
using Orchestra.Sync.Errors;

namespace Orchestra.Tests.Wire;

/// <summary>Golden messages, damaged at random: each is refused in our own terms, or it is sound.</summary>
public sealed class FuzzTests
{
    private static readonly GoldenMessage[] Golden = [.. GoldenMessage.All];

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
                (bytes, it) => Damage.Splice(bytes, it.Item1, it.Item2, it.Item3)
            )
        );

    private static readonly Gen<(GoldenMessage Golden, byte[] Bytes)> DamagedTokens =
        from golden in Gen.OneOf(Golden)
        from damages in Gen.Select(Gen.Int[0, 1 << 20], Gen.OneOf(Damage.Nasty)).List[1, 3]
        select (
            golden,
            damages.Aggregate(
                golden.Bytes,
                (bytes, it) => Damage.ReplaceToken(bytes, it.Item1, it.Item2)
            )
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
}
