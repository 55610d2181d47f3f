using System.Security.Cryptography;

namespace Orchestra.Tests.Cluster;

/// <summary>A folder with files in folders, the same every time.</summary>
internal sealed class SourceFolder : IDisposable
{
    public SourceFolder(int files)
    {
        for (var i = 0; i < files; i++)
        {
            var path = $"part{i % 17}/module{i % 101}/file{i}.{(i % 3 == 0 ? "cs" : "md")}";
            var full = System.IO.Path.Combine(Path, path);
            Directory.CreateDirectory(System.IO.Path.GetDirectoryName(full)!);
            var content = System.Text.Encoding.UTF8.GetBytes($"file number {i}\n");
            File.WriteAllBytes(full, content);
            Hashes[path] = Convert.ToHexStringLower(SHA256.HashData(content));
        }
    }

    public string Path { get; } = Directory.CreateTempSubdirectory("orchestra-source-").FullName;

    /// <summary>Path within the folder → SHA-256 of the contents.</summary>
    public Dictionary<string, string> Hashes { get; } = [];

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
