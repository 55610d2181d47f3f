using System.IO.Enumeration;

namespace Orchestra.Cli.Import;

/// <summary>The files of a folder that somebody wrote, not those that tools made.</summary>
internal static class SourceTree
{
    /// <summary>Folders that hold history, build output or packages.</summary>
    public static readonly IReadOnlyList<string> Skipped =
    [
        ".git",
        ".hg",
        ".svn",
        ".vs",
        ".idea",
        "bin",
        "obj",
        "node_modules",
        "__pycache__",
        ".venv",
    ];

    /// <summary>The device's own database is never data.</summary>
    private const string Database = ".orchestra";

    /// <returns>Paths below <paramref name="root"/>, with slashes, in order; links are not followed.</returns>
    /// <exception cref="UnauthorizedAccessException">
    /// A folder cannot be read: what is in it would look as if it were gone.
    /// </exception>
    public static List<string> Walk(string root, bool includeAll)
    {
        var files = new FileSystemEnumerable<string>(
            root,
            (ref entry) => entry.ToFullPath(),
            new EnumerationOptions
            {
                RecurseSubdirectories = true,
                AttributesToSkip = FileAttributes.ReparsePoint,
                IgnoreInaccessible = false,
            }
        )
        {
            ShouldIncludePredicate = (ref entry) => !entry.IsDirectory,
            ShouldRecursePredicate = (ref entry) => IsEntered(entry.FileName.ToString()),
        };
        return
        [
            .. files
                .Select(file =>
                    Path.GetRelativePath(root, file).Replace(Path.DirectorySeparatorChar, '/')
                )
                .Order(StringComparer.Ordinal),
        ];

        bool IsEntered(string folder) =>
            folder != Database && (includeAll || !Skipped.Contains(folder));
    }
}
