using System.Text;
using Orchestra.Sync.Wire;
using Orchestra.Tests.House;

namespace Orchestra.Tests.Wire;

/// <summary>A file of docs/golden: one message, in the bytes that go over the wire.</summary>
internal sealed record GoldenMessage(string Name)
{
    public static IEnumerable<GoldenMessage> All =>
        Directory
            .EnumerateFiles(Path.Combine(Repository.Root, "docs/golden"))
            .Select(path => new GoldenMessage(Path.GetFileName(path)))
            .OrderBy(golden => golden.Name, StringComparer.Ordinal);

    public string Text => Repository.Read($"docs/golden/{Name}").TrimEnd('\n');

    public byte[] Bytes => Encoding.UTF8.GetBytes(Text);

    public bool IsFromClient => Name.StartsWith("client-", StringComparison.Ordinal);

    public bool IsFromServer => Name.StartsWith("server-", StringComparison.Ordinal);

    public object Read() => Read(Bytes);

    /// <summary>Reads bytes as what this file holds.</summary>
    public object Read(byte[] bytes) =>
        IsFromClient ? WireCodec.ReadClientMessage(bytes)
        : IsFromServer ? WireCodec.ReadServerMessage(bytes)
        : Name.StartsWith("http-conflicts", StringComparison.Ordinal)
            ? WireCodec.ReadConflicts(bytes)
        : Name.StartsWith("http-vector-search", StringComparison.Ordinal)
            ? WireCodec.ReadVectorSearch(bytes)
        : Name.StartsWith("http-embedding", StringComparison.Ordinal)
            ? WireCodec.ReadEmbedding(bytes)
        : Name.StartsWith("http-search", StringComparison.Ordinal) ? WireCodec.ReadFound(bytes)
        : Name.StartsWith("http-devices", StringComparison.Ordinal) ? WireCodec.ReadDevices(bytes)
        : Name.StartsWith("http-device-patch", StringComparison.Ordinal)
            ? WireCodec.ReadDevicePatch(bytes)
        : Name.StartsWith("http-content", StringComparison.Ordinal) ? WireCodec.ReadContent(bytes)
        : Name.StartsWith("http-catalog", StringComparison.Ordinal) ? WireCodec.ReadCatalog(bytes)
        : throw new InvalidOperationException($"{Name} does not say who sends it");

    public static byte[] Write(object message) =>
        message switch
        {
            ClientMessage client => WireCodec.Write(client),
            ServerMessage server => WireCodec.Write(server),
            WireConflicts conflicts => WireCodec.Write(conflicts),
            WireFound found => WireCodec.Write(found),
            WireVectorSearch search => WireCodec.Write(search),
            WireEmbedding embedding => WireCodec.Write(embedding),
            WireDevices devices => WireCodec.Write(devices),
            WireContent content => WireCodec.Write(content),
            DevicePatch patch => WireCodec.Write(patch),
            WireCatalog catalog => WireCodec.Write(catalog),
            _ => throw new InvalidOperationException($"{message.GetType()} is no message"),
        };
}
