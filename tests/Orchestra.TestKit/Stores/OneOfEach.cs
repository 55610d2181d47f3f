using Orchestra.Sync;
using Orchestra.Sync.Catalog;
using Orchestra.Sync.Decisions;
using Orchestra.Sync.Store;

namespace Orchestra.TestKit.Stores;

/// <summary>A row of every entity type there is, with a value in every field.</summary>
public sealed class OneOfEach(EntityCatalog catalog)
{
    /// <summary>Creates them, parents first.</summary>
    public IReadOnlyDictionary<string, RowKey> CreateIn(OwnerHistory owner)
    {
        var made = new Dictionary<string, RowKey>();
        foreach (var type in catalog.Types)
            made[type.Name] = owner.Create(
                type.Name,
                [.. type.Fields.Select(field => (field.Name, ValueOf(field, made, "one")))]
            );
        return made;
    }

    /// <summary>Writes every field of those rows again.</summary>
    public void UpdateIn(OwnerHistory owner, IReadOnlyDictionary<string, RowKey> made)
    {
        foreach (var type in catalog.Types)
            owner.Update(
                made[type.Name],
                [.. type.Fields.Select(field => (field.Name, ValueOf(field, made, "two")))]
            );
    }

    private static FieldValue ValueOf(
        Field field,
        IReadOnlyDictionary<string, RowKey> made,
        string text
    )
    {
        if (field.References is { } parent)
            return made.TryGetValue(parent, out var row)
                ? FieldValue.Text(row.Id.ToString("D"))
                : FieldValue.Null;
        return field.Type switch
        {
            FieldType.Text => FieldValue.Text(text),
            FieldType.Uuid => FieldValue.Text(
                NaturalKey.Derive(NaturalKey.Namespace, text).ToString("D")
            ),
            FieldType.Integer => FieldValue.Integer(text.Length),
            FieldType.Real => FieldValue.Real(0.5),
            FieldType.Boolean => FieldValue.Boolean(true),
            FieldType.Timestamp => FieldValue.Text(Timestamps.Write(OwnerHistory.Start)),
            _ => FieldValue.Json($"{{\"text\": \"{text}\"}}"),
        };
    }
}
