using Orleans;

namespace Orchestra.Sync;

/// <summary>A row as the store holds it: a live one, or a tombstone that keeps its values.</summary>
/// <param name="Key">Which row.</param>
/// <param name="Version">The version of the last change to it.</param>
/// <param name="CreatedVersion">
/// The version that made it: nothing before that in the log is about it.
/// </param>
/// <param name="CreatedAt">When it first appeared.</param>
/// <param name="UpdatedAt">When it last changed.</param>
/// <param name="DeletedAt">When it was deleted; null while it lives.</param>
/// <param name="Stamp">The newest stamp of any write of it; says who decided its presence.</param>
/// <param name="RootVersion">
/// While deleted by a cascade: the version that deleted the row it refers to. Bringing that row back
/// brings this one back too.
/// </param>
/// <param name="Fields">Every non-null field.</param>
[GenerateSerializer, Immutable]
public sealed record Row(
    [property: Id(0)] RowKey Key,
    [property: Id(1)] long Version,
    [property: Id(2)] long CreatedVersion,
    [property: Id(3)] DateTimeOffset CreatedAt,
    [property: Id(4)] DateTimeOffset UpdatedAt,
    [property: Id(5)] DateTimeOffset? DeletedAt,
    [property: Id(6)] Stamp Stamp,
    [property: Id(7)] long? RootVersion,
    [property: Id(8)] IReadOnlyDictionary<string, FieldValue> Fields
)
{
    public bool IsLive => DeletedAt is null;

    public FieldValue this[string field] =>
        Fields.TryGetValue(field, out var value) ? value : FieldValue.Null;
}
