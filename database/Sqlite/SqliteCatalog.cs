using Orchestra.Database.Schema;
using Orchestra.Sync.Catalog;

namespace Orchestra.Database.Sqlite;

/// <summary>Reads the entity types from the tables themselves.</summary>
internal static class SqliteCatalog
{
    private const string Types = "select entity_type from sync_entity";

    private const string Rules = "select entity_type, field, rule from sync_field_rule";

    private const string Columns = """
        select name, type, "notnull" from pragma_table_xinfo(@table) where hidden = 0 order by cid
        """;

    private const string ForeignKeys = """
        select id, "table", "from", "to" from pragma_foreign_key_list(@table) order by id, seq
        """;

    /// <exception cref="SchemaException">A table is not one that can sync; the message names it.</exception>
    public static EntityCatalog Read(SqliteSession session)
    {
        RequireSchema(session);
        var rules = session
            .List(Rules, row => new Rule(row.GetString(0), row.GetString(1), row.GetString(2)))
            .ToHashSet();
        var types = session
            .List(Types, row => row.GetString(0))
            .Select(table => ReadType(session, table, rules))
            .ToList();
        types.ForEach(WidestRow.Require);
        return new EntityCatalog(EntityOrder.ParentsFirst(types));
    }

    private static void RequireSchema(SqliteSession session)
    {
        var tables = session.List(
            "select name from sqlite_schema where name in ('sync_entity', 'sync_field_rule')",
            row => row.GetString(0)
        );
        if (tables.Count < 2)
            throw new SchemaException("The database has no schema yet; run the migrations first");
    }

    private static EntityType ReadType(SqliteSession session, string table, HashSet<Rule> rules)
    {
        var columns = session.List(
            Columns,
            row => new Column(row.GetString(0), row.GetString(1), row.GetInt64(2) != 0),
            ("@table", table)
        );
        var missing = SyncColumns.All.Except(columns.Select(column => column.Name)).ToList();
        if (missing.Count > 0)
            throw new SchemaException(
                $"Table {table} cannot sync without {string.Join(", ", missing.Order())}"
            );
        var references = ReadReferences(session, table);
        var fields = columns
            .Where(column => !SyncColumns.All.Contains(column.Name))
            .Select(column => ReadField(table, column, references, rules));
        return new EntityType(table, [.. fields], rules.Contains(new(table, "id", "server_only")));
    }

    private static Field ReadField(
        string table,
        Column column,
        Dictionary<string, string> references,
        HashSet<Rule> rules
    )
    {
        var type =
            DeclaredType.Parse(column.Type)
            ?? throw new SchemaException(
                $"Column {table}.{column.Name} has a type that cannot sync: {column.Type}"
            );
        return new Field(
            column.Name,
            type.Type,
            type.MaxLength,
            column.IsRequired,
            rules.Contains(new(table, column.Name, "server_only")),
            rules.Contains(new(table, column.Name, "natural_key")),
            references.GetValueOrDefault(column.Name)
        );
    }

    /// <summary>Field → the table it refers to. The owner leads every reference.</summary>
    private static Dictionary<string, string> ReadReferences(SqliteSession session, string table)
    {
        var references = new Dictionary<string, string>();
        var keys = session
            .List(
                ForeignKeys,
                row => new KeyColumn(
                    row.GetInt64(0),
                    row.GetString(1),
                    row.GetString(2),
                    row.GetTextOrNull(3)
                ),
                ("@table", table)
            )
            .GroupBy(column => column.Key);
        foreach (var key in keys)
        {
            if (
                key.ToList()
                is not [
                    { From: "owner_id", To: "owner_id" },
                    { From: var field, To: "id", Table: var parent },
                ]
            )
                throw new SchemaException(
                    $"Every reference of table {table} must be (owner_id, field) to (owner_id, id)"
                );
            references[field] = parent;
        }
        return references;
    }

    private sealed record Column(string Name, string Type, bool IsRequired);

    private sealed record KeyColumn(long Key, string Table, string From, string? To);

    private sealed record Rule(string Table, string Field, string Name);
}
