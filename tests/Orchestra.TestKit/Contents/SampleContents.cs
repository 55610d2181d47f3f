using System.Security.Cryptography;
using Orchestra.Sync;
using Orchestra.Sync.Contents;

namespace Orchestra.TestKit.Contents;

/// <summary>Bytes that nobody else has.</summary>
public sealed record SampleContents(byte[] Bytes)
{
    public ContentHash Hash => HashOf(Bytes);

    public long Size => Bytes.Length;

    public static SampleContents OfSize(int size) => new(RandomNumberGenerator.GetBytes(size));

    public static ContentHash HashOf(byte[] bytes) => ContentHash.Of(SHA256.HashData(bytes));

    public Upload Of(OwnerId owner) => new(owner, Hash, Size);

    public Content As(Guid upload) => new(Hash, Size, upload);
}
