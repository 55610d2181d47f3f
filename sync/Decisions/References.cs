using Orchestra.Sync.Catalog;

namespace Orchestra.Sync.Decisions;

/// <summary>What a row refers to.</summary>
internal static class References
{
    /// <summary>Through its fields that are not null, with the field's name.</summary>
    public static IEnumerable<(string Field, RowKey Parent)> Of(EntityCatalog catalog, Row row)
    {
        foreach (var field in catalog[row.Key.Entity].Fields)
            if (field.References is { } entity && row[field.Name] is { IsNull: false } id)
                yield return (field.Name, new RowKey(entity, Guid.ParseExact(id.AsText(), "D")));
    }
}
