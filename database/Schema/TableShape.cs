using Orchestra.Sync.Catalog;

namespace Orchestra.Database.Schema;

/// <summary>A table as a database describes it, before it is an entity type.</summary>
/// <param name="Name">The table.</param>
/// <param name="Columns">In the table's order, generated ones left out.</param>
/// <param name="References">Its foreign keys.</param>
internal sealed record TableShape(
    string Name,
    IReadOnlyList<ColumnShape> Columns,
    IReadOnlyList<ReferenceShape> References
)
{
    /// <summary>PostgreSQL is told in one integer which of a row's fields an update writes.</summary>
    private const int MaxFields = 63;

    /// <summary>What a set of tables amounts to.</summary>
    /// <exception cref="SchemaException">A table is not one that can sync; the message names it.</exception>
    public static EntityCatalog ToCatalog(
        IEnumerable<TableShape> tables,
        IReadOnlySet<FieldRule> rules
    )
    {
        var types = tables.Select(table => table.ToEntityType(rules)).ToList();
        types.ForEach(WidestRow.Require);
        return new EntityCatalog(EntityOrder.ParentsFirst(types));
    }

    private EntityType ToEntityType(IReadOnlySet<FieldRule> rules)
    {
        var missing = SyncColumns.All.Except(Columns.Select(column => column.Name)).ToList();
        if (missing.Count > 0)
            throw new SchemaException(
                $"Table {Name} cannot sync without {string.Join(", ", missing.Order())}"
            );
        var references = References.ToDictionary(FieldOf, reference => reference.Table);
        var fields = Columns
            .Where(column => !SyncColumns.All.Contains(column.Name))
            .Select(column => ToField(column, references, rules))
            .ToList();
        if (fields.Count > MaxFields)
            throw new SchemaException(
                $"Table {Name} has {fields.Count} fields; {MaxFields} can sync"
            );
        return new EntityType(Name, fields, rules.Contains(new(Name, "id", "server_only")));
    }

    private Field ToField(
        ColumnShape column,
        Dictionary<string, string> references,
        IReadOnlySet<FieldRule> rules
    ) =>
        column.Type is { } type
            ? new Field(
                column.Name,
                type,
                column.MaxLength,
                column.IsRequired,
                rules.Contains(new(Name, column.Name, "server_only")),
                rules.Contains(new(Name, column.Name, "natural_key")),
                references.GetValueOrDefault(column.Name),
                rules.Contains(new(Name, column.Name, "searched")),
                rules.Contains(new(Name, column.Name, "contents"))
            )
            : throw new SchemaException(
                $"Column {Name}.{column.Name} has a type that cannot sync: {column.Declared}"
            );

    /// <summary>The owner leads every reference; one field names the row.</summary>
    private string FieldOf(ReferenceShape reference) =>
        reference.Columns is [("owner_id", "owner_id"), (var field, "id")]
            ? field
            : throw new SchemaException(
                $"Every reference of table {Name} must be (owner_id, field) to (owner_id, id)"
            );
}

/// <param name="Name">The column.</param>
/// <param name="Declared">Its type in the database's words.</param>
/// <param name="Type">What that means; null if it cannot sync.</param>
/// <param name="MaxLength">For text: code points; for JSON: bytes; else null.</param>
/// <param name="IsRequired">Whether it is not null.</param>
internal sealed record ColumnShape(
    string Name,
    string Declared,
    FieldType? Type,
    int? MaxLength,
    bool IsRequired
);

/// <param name="Table">The table referred to.</param>
/// <param name="Columns">Column → the other table's column, in the key's order.</param>
internal sealed record ReferenceShape(
    string Table,
    IReadOnlyList<(string From, string? To)> Columns
);

/// <summary>What a column cannot say of itself.</summary>
internal sealed record FieldRule(string Table, string Field, string Name);
