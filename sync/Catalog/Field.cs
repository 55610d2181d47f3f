using Orleans;

namespace Orchestra.Sync.Catalog;

public enum FieldType : byte
{
    /// <summary>Unicode text without NUL; <c>MaxLength</c> in code points.</summary>
    Text,

    /// <summary>A UUID in its canonical spelling: lower case, with hyphens.</summary>
    Uuid,

    /// <summary>A whole number within ±(2^53 − 1).</summary>
    Integer,

    /// <summary>A finite double.</summary>
    Real,
    Boolean,

    /// <summary>ISO 8601, UTC, three or six digits of a second.</summary>
    Timestamp,

    /// <summary>Any JSON that no query looks into; <c>MaxLength</c> in UTF-8 bytes.</summary>
    Json,
}

/// <summary>One column of an entity type.</summary>
/// <param name="Name">The column's name, which is also its name on the wire.</param>
/// <param name="Type">What it holds.</param>
/// <param name="MaxLength">For text: code points; for JSON: bytes; else null.</param>
/// <param name="Required">Whether it must have a value.</param>
/// <param name="ServerOnly">Whether clients may not write it.</param>
/// <param name="IsNaturalKey">Whether the row's id is made from it; never changed once set.</param>
/// <param name="References">The entity type whose row it names, if it does.</param>
/// <param name="IsSearched">Whether a search by words looks into it.</param>
/// <param name="NamesContents">Whether it is the hash of contents that are kept elsewhere.</param>
[GenerateSerializer, Immutable]
public sealed record Field(
    [property: Id(0)] string Name,
    [property: Id(1)] FieldType Type,
    [property: Id(2)] int? MaxLength,
    [property: Id(3)] bool Required,
    [property: Id(4)] bool ServerOnly,
    [property: Id(5)] bool IsNaturalKey,
    [property: Id(6)] string? References,
    [property: Id(7)] bool IsSearched = false,
    [property: Id(8)] bool NamesContents = false
);
