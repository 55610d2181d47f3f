using System.Collections.Frozen;
using Orleans;

namespace Orchestra.Sync.Catalog;

/// <summary>One kind of row: a table with the sync columns.</summary>
[GenerateSerializer, Immutable]
public sealed class EntityType
{
    [NonSerialized]
    private FrozenDictionary<string, Field>? byName;

    [NonSerialized]
    private IReadOnlyList<Field>? naturalKey;

    [NonSerialized]
    private IReadOnlyList<Field>? searched;

    /// <param name="name">The table's name, which is also its name on the wire.</param>
    /// <param name="fields">Its own columns, without id, owner and the sync columns.</param>
    /// <param name="serverOwned">Whether only the server creates and deletes its rows.</param>
    public EntityType(string name, IReadOnlyList<Field> fields, bool serverOwned)
    {
        Name = name;
        Fields = fields;
        ServerOwned = serverOwned;
    }

    [Id(0)]
    public string Name { get; }

    [Id(1)]
    public IReadOnlyList<Field> Fields { get; }

    [Id(2)]
    public bool ServerOwned { get; }

    /// <summary>The fields that name a row; its id is made from them. Empty for most types.</summary>
    public IReadOnlyList<Field> NaturalKey =>
        naturalKey ??= [.. Fields.Where(item => item.IsNaturalKey)];

    /// <summary>The texts that a search by words looks into; empty for most types.</summary>
    public IReadOnlyList<Field> Searched =>
        searched ??= [.. Fields.Where(item => item.IsSearched && item.Type == FieldType.Text)];

    public Field? Find(string field) =>
        (byName ??= Fields.ToFrozenDictionary(item => item.Name)).GetValueOrDefault(field);
}
