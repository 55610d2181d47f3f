using System.Globalization;
using System.Text.RegularExpressions;
using Orchestra.Database.Schema;
using Orchestra.Sync.Catalog;

namespace Orchestra.Database.Postgres;

/// <summary>Reads the entity types from the tables themselves.</summary>
internal static partial class PostgresCatalog
{
    private const string Columns = """
        select e.entity_type, a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull,
            r.bound
        from orchestra.sync_entity e
        left join pg_class c
            on c.relname = e.entity_type and c.relnamespace = 'orchestra'::regnamespace
        left join pg_attribute a
            on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped and a.attgenerated = ''
        left join orchestra.sync_field_rule r
            on r.entity_type = e.entity_type and r.field = a.attname and r.rule = 'max_bytes'
        order by e.entity_type, a.attnum
        """;

    private const string ForeignKeys = """
        select e.entity_type, f.conname, p.relname, a.attname, pa.attname
        from orchestra.sync_entity e
        join pg_class c
            on c.relname = e.entity_type and c.relnamespace = 'orchestra'::regnamespace
        join pg_constraint f on f.conrelid = c.oid and f.contype = 'f'
        join pg_class p on p.oid = f.confrelid
        cross join unnest(f.conkey, f.confkey) with ordinality as k (column_no, parent_no, place)
        join pg_attribute a on a.attrelid = c.oid and a.attnum = k.column_no
        join pg_attribute pa on pa.attrelid = p.oid and pa.attnum = k.parent_no
        order by e.entity_type, f.conname, k.place
        """;

    private const string Rules = "select entity_type, field, rule from orchestra.sync_field_rule";

    /// <summary>The columns from which generated ones are computed.</summary>
    private const string Sources = """
        select distinct c.relname, source.attname
        from orchestra.sync_entity e
        join pg_class c
            on c.relname = e.entity_type and c.relnamespace = 'orchestra'::regnamespace
        join pg_attribute made on made.attrelid = c.oid and made.attgenerated = 's'
        join pg_attrdef d on d.adrelid = c.oid and d.adnum = made.attnum
        join pg_depend on pg_depend.classid = 'pg_attrdef'::regclass and pg_depend.objid = d.oid
            and pg_depend.refobjid = c.oid and pg_depend.refobjsubid <> made.attnum
        join pg_attribute source
            on source.attrelid = c.oid and source.attnum = pg_depend.refobjsubid
        """;

    /// <exception cref="SchemaException">A table is not one that can sync; the message names it.</exception>
    public static async Task<PostgresTables> ReadAsync(PostgresSession session)
    {
        if (!await HasSchemaAsync(session))
            throw new SchemaException(
                "The database has no schema yet; run the migrations first: silo migrate"
            );
        var rules = await session.ListAsync(
            new(Rules),
            row => new FieldRule(row.GetString(0), row.GetString(1), row.GetString(2))
        );
        var tables = await ReadTablesAsync(session);
        var sources = await session.ListAsync(
            new(Sources),
            row => (row.GetString(0), row.GetString(1))
        );
        return new PostgresTables(
            TableShape.ToCatalog(tables, rules.ToHashSet()),
            sources.ToLookup(pair => pair.Item1, pair => pair.Item2)
        );
    }

    private static async Task<bool> HasSchemaAsync(PostgresSession session)
    {
        var found = await session.ListAsync(
            new("select to_regclass('orchestra.sync_field_rule') is not null"),
            row => row.GetBoolean(0)
        );
        return found[0];
    }

    private static async Task<IEnumerable<TableShape>> ReadTablesAsync(PostgresSession session)
    {
        var references = (
            await session.ListAsync(
                new(ForeignKeys),
                row =>
                    (
                        Table: row.GetString(0),
                        Key: row.GetString(1),
                        Parent: row.GetString(2),
                        Column: (row.GetString(3), (string?)row.GetString(4))
                    )
            )
        )
            .GroupBy(column => (column.Table, column.Key, column.Parent), column => column.Column)
            .ToLookup(key => key.Key.Table, key => new ReferenceShape(key.Key.Parent, [.. key]));
        var columns = await session.ListAsync(
            new(Columns),
            row =>
                (
                    Table: row.GetString(0),
                    Column: row.IsDBNull(1)
                        ? null
                        : ReadColumn(
                            row.GetString(1),
                            row.GetString(2),
                            row.GetBoolean(3),
                            row.IsDBNull(4) ? null : row.GetInt32(4)
                        )
                )
        );
        return columns
            .GroupBy(pair => pair.Table, pair => pair.Column)
            .Select(table => new TableShape(
                table.Key,
                [.. table.OfType<ColumnShape>()],
                [.. references[table.Key]]
            ));
    }

    /// <summary>Text and JSON have a bound and nothing else has: one without is a mistake.</summary>
    private static ColumnShape ReadColumn(string name, string declared, bool required, int? bound)
    {
        FieldType? type = declared switch
        {
            "uuid" => FieldType.Uuid,
            "bigint" => FieldType.Integer,
            "double precision" => FieldType.Real,
            "boolean" => FieldType.Boolean,
            "timestamp with time zone" => FieldType.Timestamp,
            "jsonb" when bound is not null => FieldType.Json,
            _ => null,
        };
        if (Varchar().Match(declared) is not { Success: true } text)
            return new(name, declared, type, type == FieldType.Json ? bound : null, required);
        var length = int.Parse(text.Groups[1].ValueSpan, CultureInfo.InvariantCulture);
        return new(name, declared, FieldType.Text, length, required);
    }

    [GeneratedRegex(@"^character varying\((\d+)\)$")]
    private static partial Regex Varchar();
}
