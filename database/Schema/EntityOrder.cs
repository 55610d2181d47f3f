using Orchestra.Sync.Catalog;

namespace Orchestra.Database.Schema;

/// <summary>Puts entity types in the order in which their rows can be written.</summary>
internal static class EntityOrder
{
    /// <summary>Parents before the types that refer to them; otherwise by name.</summary>
    /// <exception cref="SchemaException">Two types refer to each other, or to one that does not sync.</exception>
    public static IReadOnlyList<EntityType> ParentsFirst(IEnumerable<EntityType> types)
    {
        var waiting = types.OrderBy(type => type.Name, StringComparer.Ordinal).ToList();
        var ordered = new List<EntityType>(waiting.Count);
        while (waiting.Count > 0)
        {
            var next = waiting.Find(type => ParentsOf(type).All(Stands));
            if (next is null)
                throw new SchemaException(
                    $"Tables that refer to each other, or to one that does not sync: "
                        + string.Join(", ", waiting.Select(type => type.Name))
                );
            ordered.Add(next);
            waiting.Remove(next);
        }
        return ordered;

        bool Stands(string parent) => ordered.Exists(type => type.Name == parent);
    }

    private static IEnumerable<string> ParentsOf(EntityType type) =>
        type
            .Fields.Select(field => field.References)
            .OfType<string>()
            .Where(parent => parent != type.Name);
}
