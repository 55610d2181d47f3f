using System.Security.Cryptography;

namespace Orchestra.Tests.Cluster;

/// <summary>A folder with files in folders, the same every time.</summary>
internal sealed class SourceFolder : IDisposable
{
    /// <param name="files">How many.</param>
    /// <param name="large">How many more that have some megabytes.</param>
    public SourceFolder(int files, int large = 0)
    {
        for (var i = 0; i < files; i++)
        {
            var path = $"part{i % 17}/module{i % 101}/file{i}.{(i % 3 == 0 ? "cs" : "md")}";
            Write(path, System.Text.Encoding.UTF8.GetBytes($"file number {i}\n"));
        }
        for (var i = 0; i < large; i++)
        {
            var content = new byte[LargeBytes];
            new Random(i).NextBytes(content);
            Write($"large/image{i}.png", content);
        }
    }

    private const int LargeBytes = 4_000_000;

    public string Path { get; } = Directory.CreateTempSubdirectory("orchestra-source-").FullName;

    /// <summary>Path within the folder → SHA-256 of the contents.</summary>
    public Dictionary<string, string> Hashes { get; } = [];

    private void Write(string path, byte[] content)
    {
        var full = System.IO.Path.Combine(Path, path);
        Directory.CreateDirectory(System.IO.Path.GetDirectoryName(full)!);
        File.WriteAllBytes(full, content);
        Hashes[path] = Convert.ToHexStringLower(SHA256.HashData(content));
    }

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
