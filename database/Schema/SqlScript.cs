using System.Security.Cryptography;
using System.Text;

namespace Orchestra.Database.Schema;

/// <summary>One step of the schema. Applied once, in name order, and never edited afterwards.</summary>
/// <param name="Name">File name with its number: <c>001_sync.sql</c>.</param>
/// <param name="Text">The statements.</param>
public sealed record SqlScript(string Name, string Text)
{
    /// <summary>SHA-256 of the text in UTF-8, lower-case hex.</summary>
    public string Hash => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(Text)));

    /// <summary>The embedded store's tables, in order.</summary>
    public static IReadOnlyList<SqlScript> Sqlite { get; } = Embedded("sqlite");

    /// <summary>The scripts built into this assembly under a folder, in name order.</summary>
    internal static IReadOnlyList<SqlScript> Embedded(string folder)
    {
        var assembly = typeof(SqlScript).Assembly;
        return
        [
            .. assembly
                .GetManifestResourceNames()
                .Where(name => name.StartsWith(folder + '/', StringComparison.Ordinal))
                .Order(StringComparer.Ordinal)
                .Select(name =>
                {
                    using var reader = new StreamReader(assembly.GetManifestResourceStream(name)!);
                    return new SqlScript(name[(folder.Length + 1)..], reader.ReadToEnd());
                }),
        ];
    }
}

/// <param name="Name">The script's file name.</param>
/// <param name="AppliedAt">When it was applied; null while it waits.</param>
public sealed record ScriptStatus(string Name, DateTimeOffset? AppliedAt);
