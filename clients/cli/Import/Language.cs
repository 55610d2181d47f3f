using System.Collections.Frozen;

namespace Orchestra.Cli.Import;

/// <summary>A file's language by its name.</summary>
internal static class Language
{
    private static readonly FrozenDictionary<string, string> ByExtension = new Dictionary<
        string,
        string
    >(StringComparer.OrdinalIgnoreCase)
    {
        [".c"] = "c",
        [".h"] = "c",
        [".cc"] = "cpp",
        [".cpp"] = "cpp",
        [".hpp"] = "cpp",
        [".cs"] = "csharp",
        [".csproj"] = "xml",
        [".css"] = "css",
        [".dart"] = "dart",
        [".ex"] = "elixir",
        [".exs"] = "elixir",
        [".fs"] = "fsharp",
        [".go"] = "go",
        [".hs"] = "haskell",
        [".html"] = "html",
        [".java"] = "java",
        [".js"] = "javascript",
        [".jsx"] = "javascript",
        [".json"] = "json",
        [".kt"] = "kotlin",
        [".lua"] = "lua",
        [".md"] = "markdown",
        [".ml"] = "ocaml",
        [".php"] = "php",
        [".pl"] = "perl",
        [".proto"] = "protobuf",
        [".ps1"] = "powershell",
        [".py"] = "python",
        [".r"] = "r",
        [".rb"] = "ruby",
        [".rs"] = "rust",
        [".scala"] = "scala",
        [".scss"] = "scss",
        [".sh"] = "shell",
        [".sql"] = "sql",
        [".svelte"] = "svelte",
        [".swift"] = "swift",
        [".tf"] = "terraform",
        [".toml"] = "toml",
        [".ts"] = "typescript",
        [".tsx"] = "typescript",
        [".vue"] = "vue",
        [".xml"] = "xml",
        [".yaml"] = "yaml",
        [".yml"] = "yaml",
        [".zig"] = "zig",
    }.ToFrozenDictionary(StringComparer.OrdinalIgnoreCase);

    private static readonly FrozenDictionary<string, string> ByName = new Dictionary<string, string>
    {
        ["Dockerfile"] = "dockerfile",
        ["Containerfile"] = "dockerfile",
        ["Makefile"] = "makefile",
        ["CMakeLists.txt"] = "cmake",
    }.ToFrozenDictionary();

    /// <returns>Null where the name says nothing.</returns>
    public static string? Of(string path)
    {
        var name = Path.GetFileName(path);
        return ByName.GetValueOrDefault(name)
            ?? ByExtension.GetValueOrDefault(Path.GetExtension(name));
    }
}
