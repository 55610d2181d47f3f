using System.Collections.Frozen;
using System.Security.Cryptography;
using System.Text;
using Orleans;

namespace Orchestra.Sync.Catalog;

/// <summary>
/// Which entity types sync and what their fields may hold. Read from the database at start: the
/// tables are the schema.
/// </summary>
[GenerateSerializer, Immutable]
public sealed class EntityCatalog
{
    [NonSerialized]
    private FrozenDictionary<string, EntityType>? byName;

    [NonSerialized]
    private ILookup<string, (EntityType Child, Field Field)>? references;

    [NonSerialized]
    private string? hash;

    /// <param name="types">Parents before the types that refer to them.</param>
    public EntityCatalog(IReadOnlyList<EntityType> types) => Types = types;

    /// <summary>Parents before the types that refer to them.</summary>
    [Id(0)]
    public IReadOnlyList<EntityType> Types { get; }

    /// <summary>Changes whenever a client could notice a difference: <c>sha256:…</c>.</summary>
    public string Hash => hash ??= ComputeHash();

    public EntityType? Find(string name) =>
        (byName ??= Types.ToFrozenDictionary(type => type.Name)).GetValueOrDefault(name);

    /// <exception cref="KeyNotFoundException">No such type.</exception>
    public EntityType this[string name] =>
        Find(name) ?? throw new KeyNotFoundException($"No entity type {name}");

    /// <summary>The types and fields that refer to <paramref name="entity"/>.</summary>
    public IEnumerable<(EntityType Child, Field Field)> ReferencesTo(string entity) =>
        (
            references ??= (
                from type in Types
                from field in type.Fields
                where field.References is not null
                select (Child: type, Field: field)
            ).ToLookup(pair => pair.Field.References!)
        )[entity];

    private string ComputeHash()
    {
        var text = new StringBuilder();
        foreach (var type in Types)
        {
            text.Append(type.Name).Append('\n');
            foreach (var field in type.Fields)
                text.Append(field).Append('\n');
        }
        var bytes = SHA256.HashData(Encoding.UTF8.GetBytes(text.ToString()));
        return "sha256:" + Convert.ToHexStringLower(bytes);
    }
}
