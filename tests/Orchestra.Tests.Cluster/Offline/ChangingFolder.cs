using System.Security.Cryptography;

namespace Orchestra.Tests.Cluster.Offline;

/// <summary>A small folder in which files come, change and go.</summary>
internal sealed class ChangingFolder(int seed) : IDisposable
{
    private const int Writes = 120;

    private readonly Random random = new(seed);
    private readonly Dictionary<string, string> hashes = [];

    public string Path { get; } = Directory.CreateTempSubdirectory("orchestra-tree-").FullName;

    /// <summary>Path within the folder → SHA-256 of the contents, as of now.</summary>
    public IReadOnlyDictionary<string, string> Hashes => new Dictionary<string, string>(hashes);

    public void Change()
    {
        for (var i = 0; i < Writes; i++)
            Write($"part{random.Next(5)}/file{random.Next(200)}.md");
        foreach (var path in hashes.Keys.Order().Where(_ => random.Next(10) == 0).ToList())
        {
            File.Delete(System.IO.Path.Combine(Path, path));
            hashes.Remove(path);
        }
    }

    public void Dispose() => Directory.Delete(Path, recursive: true);

    private void Write(string path)
    {
        var full = System.IO.Path.Combine(Path, path);
        Directory.CreateDirectory(System.IO.Path.GetDirectoryName(full)!);
        var content = new byte[random.Next(1, 50)];
        random.NextBytes(content);
        File.WriteAllBytes(full, content);
        hashes[path] = Convert.ToHexStringLower(SHA256.HashData(content));
    }
}
