using System.Globalization;
using System.Text.RegularExpressions;
using Orchestra.Sync.Catalog;

namespace Orchestra.Database.Sqlite;

/// <summary>
/// A column's declared type. SQLite keeps it word for word and only derives an affinity from it, so
/// it can say more than SQLite needs: <c>TEXT(200)</c>, <c>TEXT UUID</c>, <c>TEXT TIMESTAMP</c>,
/// <c>TEXT JSON(65536)</c>, <c>INTEGER</c>, <c>INTEGER BOOLEAN</c>, <c>REAL</c>.
/// </summary>
internal readonly partial record struct DeclaredType(FieldType Type, int? MaxLength)
{
    /// <returns>Null for a spelling that is not one of those above.</returns>
    public static DeclaredType? Parse(string declared)
    {
        var match = Shape().Match(declared);
        FieldType? type = match.Groups["name"].Value.ToUpperInvariant() switch
        {
            "TEXT" => FieldType.Text,
            "TEXT UUID" => FieldType.Uuid,
            "TEXT TIMESTAMP" => FieldType.Timestamp,
            "TEXT JSON" => FieldType.Json,
            "INTEGER" => FieldType.Integer,
            "INTEGER BOOLEAN" => FieldType.Boolean,
            "REAL" => FieldType.Real,
            _ => null,
        };
        int? length = match.Groups["length"].Success
            ? int.Parse(match.Groups["length"].ValueSpan, NumberStyles.None, null)
            : null;
        // Text and JSON have a length and nothing else has: a column without bounds is a mistake.
        var needsLength = type is FieldType.Text or FieldType.Json;
        return type is { } known && needsLength == length is not null ? new(known, length) : null;
    }

    [GeneratedRegex(@"^(?<name>[A-Za-z]+(?: [A-Za-z]+)?) ?(?:\((?<length>\d{1,9})\))?$")]
    private static partial Regex Shape();
}
