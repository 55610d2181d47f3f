namespace Orchestra.Tests.House;

/// <summary>The source tree that the tests were built from.</summary>
internal static class Repository
{
    private static readonly string[] Generated = ["bin", "obj", ".git", "data", "TestResults"];

    public static readonly string Root = FindRoot();

    public static string Read(string path) => File.ReadAllText(Path.Combine(Root, path));

    /// <summary>Paths of all files that people wrote, relative to the root, with slashes.</summary>
    public static IEnumerable<string> Files(params string[] extensions) =>
        FilesBelow(Root)
            .Where(path => extensions.Length == 0 || extensions.Contains(Path.GetExtension(path)))
            .Select(path => Path.GetRelativePath(Root, path).Replace('\\', '/'))
            .Order(StringComparer.Ordinal);

    private static IEnumerable<string> FilesBelow(string folder) =>
        Directory
            .EnumerateFiles(folder)
            .Concat(
                Directory
                    .EnumerateDirectories(folder)
                    .Where(child => !Generated.Contains(Path.GetFileName(child)))
                    .SelectMany(FilesBelow)
            );

    private static string FindRoot()
    {
        for (
            var folder = new DirectoryInfo(AppContext.BaseDirectory);
            folder is not null;
            folder = folder.Parent
        )
            if (File.Exists(Path.Combine(folder.FullName, "Orchestra.Orleans.sln")))
                return folder.FullName;
        throw new InvalidOperationException("The tests do not run from within the repository");
    }
}
