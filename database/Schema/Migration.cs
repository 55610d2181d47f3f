using System.Globalization;

namespace Orchestra.Database.Schema;

/// <summary>One step of the PostgreSQL schema, and the way back.</summary>
/// <param name="Script">Named by its number: <c>002_sync.sql</c>. Never edited once applied.</param>
/// <param name="Rollback">Undoes it; null if nothing can.</param>
public sealed record Migration(SqlScript Script, SqlScript? Rollback)
{
    /// <summary>The migration that makes the roles.</summary>
    public const int First = 1;

    private const string RollbackSuffix = ".rollback.sql";

    /// <summary>Those of this version, in order.</summary>
    public static IReadOnlyList<Migration> BuiltIn { get; } =
        Pair(SqlScript.Embedded("migrations"));

    /// <summary>The number that the script's name begins with.</summary>
    public int Number { get; } =
        int.Parse(Script.Name.AsSpan(0, 3), NumberStyles.None, CultureInfo.InvariantCulture);

    private static List<Migration> Pair(IReadOnlyList<SqlScript> scripts)
    {
        var rollbacks = scripts
            .Where(script => script.Name.EndsWith(RollbackSuffix, StringComparison.Ordinal))
            .ToDictionary(script => script.Name[..^RollbackSuffix.Length]);
        return
        [
            .. scripts
                .Where(script => !script.Name.EndsWith(RollbackSuffix, StringComparison.Ordinal))
                .Select(script => new Migration(
                    script,
                    rollbacks.GetValueOrDefault(Path.GetFileNameWithoutExtension(script.Name))
                )),
        ];
    }
}
