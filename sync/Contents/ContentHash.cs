using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using Orchestra.Sync.Decisions;
using Orleans;

namespace Orchestra.Sync.Contents;

/// <summary>SHA-256 of some bytes, which is what they are called: 64 lower-case hex digits.</summary>
[GenerateSerializer, Immutable]
public readonly record struct ContentHash
{
    private const int Length = 64;

    private static readonly SearchValues<char> Digits = SearchValues.Create("0123456789abcdef");

    private ContentHash(string hex) => Hex = hex;

    [Id(0)]
    public string Hex { get; }

    /// <summary>The row of <see cref="EngineEntities.Contents"/> that says they are there.</summary>
    public RowKey Row =>
        new(EngineEntities.Contents, NaturalKey.IdOf(EngineEntities.Contents, Hex));

    /// <param name="sha256">32 bytes.</param>
    public static ContentHash Of(ReadOnlySpan<byte> sha256)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(2 * sha256.Length, Length);
        return new(Convert.ToHexStringLower(sha256));
    }

    public static bool TryParse([NotNullWhen(true)] string? text, out ContentHash hash)
    {
        var isHash = text is { Length: Length } && !text.AsSpan().ContainsAnyExcept(Digits);
        hash = isHash ? new(text!) : default;
        return isHash;
    }

    public override string ToString() => Hex;
}
