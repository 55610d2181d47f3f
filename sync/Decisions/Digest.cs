using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;

namespace Orchestra.Sync.Decisions;

/// <summary>
/// Shows that two copies of an owner's data are the same: XOR, over the live rows, of the first
/// 8 bytes of SHA-256(id ‖ version). A change costs two hashes, whatever the number of rows.
/// </summary>
public static class Digest
{
    /// <summary>A live row's part of the digest. The id's bytes are in RFC 9562 order.</summary>
    public static ulong Of(Guid id, long version)
    {
        Span<byte> input = stackalloc byte[24];
        id.TryWriteBytes(input, bigEndian: true, out _);
        BinaryPrimitives.WriteInt64BigEndian(input[16..], version);
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(input, hash);
        return BinaryPrimitives.ReadUInt64BigEndian(hash);
    }

    public static ulong Of(Row? row) => row is { IsLive: true } ? Of(row.Key.Id, row.Version) : 0;

    /// <summary>16 lower-case hex digits.</summary>
    public static string Write(ulong digest) =>
        digest.ToString("x16", CultureInfo.InvariantCulture);
}
