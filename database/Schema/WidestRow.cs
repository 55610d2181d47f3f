using Orchestra.Sync;
using Orchestra.Sync.Catalog;

namespace Orchestra.Database.Schema;

/// <summary>
/// Checks at the start what no push has to check: that the largest row a table allows fits a frame.
/// </summary>
internal static class WidestRow
{
    /// <summary>The longest spelling of a character in JSON: <c>\u0001</c>.</summary>
    private const int BytesPerCharacter = 6;

    /// <summary>A number, boolean, UUID or timestamp, quotes included.</summary>
    private const int BytesPerScalar = 40;

    /// <summary>Quotes, colon and comma around a field's name and value.</summary>
    private const int Punctuation = 6;

    /// <exception cref="SchemaException">Names the table.</exception>
    public static void Require(EntityType type)
    {
        var bytes = type.Fields.Sum(field => field.Name.Length + Punctuation + WidestValue(field));
        if (bytes > Limits.RowBytes)
            throw new SchemaException(
                $"Table {type.Name} allows rows of {bytes} bytes; a row must fit {Limits.RowBytes}"
            );
    }

    private static long WidestValue(Field field) =>
        field.Type switch
        {
            FieldType.Text => (long)BytesPerCharacter
                * Math.Min(MaxLength(field), Limits.FieldBytes),
            FieldType.Json => MaxLength(field),
            _ => BytesPerScalar,
        };

    private static int MaxLength(Field field) => field.MaxLength ?? Limits.FieldBytes;
}
