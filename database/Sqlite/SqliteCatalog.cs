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
            .List(Rules, row => new FieldRule(row.GetString(0), row.GetString(1), row.GetString(2)))
            .ToHashSet();
        var tables = session
            .List(Types, row => row.GetString(0))
            .Select(table => new TableShape(
                table,
                ReadColumns(session, table),
                ReadReferences(session, table)
            ));
        return TableShape.ToCatalog(tables, rules);
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

    private static List<ColumnShape> ReadColumns(SqliteSession session, string table) =>
        session.List(
            Columns,
            row =>
            {
                var declared = row.GetString(1);
                var type = DeclaredType.Parse(declared);
                return new ColumnShape(
                    row.GetString(0),
                    declared,
                    type?.Type,
                    type?.MaxLength,
                    row.GetInt64(2) != 0
                );
            },
            ("@table", table)
        );

    private static List<ReferenceShape> ReadReferences(SqliteSession session, string table) =>
        [
            .. session
                .List(
                    ForeignKeys,
                    row =>
                        (
                            Key: row.GetInt64(0),
                            Table: row.GetString(1),
                            Column: (row.GetString(2), row.GetTextOrNull(3))
                        ),
                    ("@table", table)
                )
                .GroupBy(column => (column.Key, column.Table), column => column.Column)
                .Select(key => new ReferenceShape(key.Key.Table, [.. key])),
        ];
}
