using System.Buffers.Text;
using System.Globalization;
using System.Text;
using Orchestra.Sync;
using Orchestra.Sync.Relay;

namespace Orchestra.Database.Redis;

/// <summary>
/// A hint as it travels: <c>1 EPOCH VERSION ORIGIN</c>, where 1 is the format and ORIGIN the cluster
/// that sent it.
/// </summary>
/// <param name="Head">What is announced.</param>
/// <param name="Origin">The sender's cluster id, 1 to <see cref="MostOriginBytes"/> bytes.</param>
internal readonly record struct HeadMessage(HeadHint Head, string Origin)
{
    /// <summary>Anything longer is garbage and is not looked at.</summary>
    public const int MostBytes = 256;

    /// <summary>A cluster's id, UTF-8 bytes: beside two numbers it fits any message.</summary>
    public const int MostOriginBytes = 128;

    private const byte Space = (byte)' ';

    private static readonly UTF8Encoding Strict = new(false, throwOnInvalidBytes: true);

    public byte[] Write() =>
        Encoding.UTF8.GetBytes(
            string.Create(CultureInfo.InvariantCulture, $"1 {Head.Epoch} {Head.Version} {Origin}")
        );

    /// <returns>Null = it is none.</returns>
    public static HeadMessage? TryRead(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length > MostBytes || !bytes.StartsWith("1 "u8))
            return null;
        var rest = bytes[2..];
        if (!TryReadNumber(ref rest, out var epoch) || !TryReadNumber(ref rest, out var version))
            return null;
        if (rest.Length is 0 or > MostOriginBytes || ReadText(rest) is not { } origin)
            return null;
        return new(new HeadHint(epoch, version), origin);
    }

    /// <summary>Digits up to a space, which goes with them.</summary>
    private static bool TryReadNumber(ref ReadOnlySpan<byte> rest, out long value)
    {
        if (
            !Utf8Parser.TryParse(rest, out value, out var length)
            || value is < 0 or > Limits.MaxInteger
            || length >= rest.Length
            || rest[length] != Space
        )
            return false;
        rest = rest[(length + 1)..];
        return true;
    }

    private static string? ReadText(ReadOnlySpan<byte> bytes)
    {
        try
        {
            return Strict.GetString(bytes);
        }
        catch (DecoderFallbackException)
        {
            return null;
        }
    }
}
