using Orchestra.Client.Local;
using Orchestra.Sync;
using Orchestra.Sync.Catalog;
using Orchestra.Sync.Wire;

namespace Orchestra.Client.Rows;

/// <summary>
/// Brings the tables and views to a newer catalog. Columns and tables are only ever added; what had
/// to be stored raw moves into them.
/// </summary>
internal static class CatalogGrowth
{
    public static void Apply(LocalTransaction transaction, WireCatalog catalog)
    {
        if (transaction.State.CatalogHash == catalog.Hash)
            return;
        transaction.Touched.AddAll();
        var sql = transaction.Sql;
        foreach (var view in Views(sql))
            sql.Run($"drop view {SqlName.Quote(view)}");
        foreach (var type in catalog.ToCatalog().Types)
        {
            MakeTable(sql, type);
            sql.Run(OverlayView.Build(type));
            var table = new EntityTable(sql, type);
            MoveRows(sql, type.Name, table);
            MoveFields(sql, type, table);
            WordIndex.Make(sql, type);
        }
        sql.Execute(
            """
            insert into o_catalog (one, catalog) values (1, $1)
            on conflict (one) do update set catalog = $1
            """,
            WireCodec.Write(catalog)
        );
        transaction.State = transaction.State with { CatalogHash = catalog.Hash };
    }

    private static List<string> Views(Statements sql) =>
        sql.Query(
            "select name from sqlite_schema where type = 'view' and name <> 'o_overlay'",
            row => row.GetString(0)
        );

    private static void MakeTable(Statements sql, EntityType type)
    {
        var table = SqlName.BaseTable(type.Name);
        var old = SetAsideWithoutRowid(sql, "base_" + type.Name);
        // With rowids a new row goes to the end, and only its id to a page of its own; in the order
        // of their ids, which is none, each row of a frame would rewrite a page full of others.
        sql.Run(
            $"""
            create table if not exists {table} (
                id text not null primary key,
                version integer not null,
                o_present integer not null,
                o_edited_at text not null,
                o_raw text
            )
            """
        );
        var there = Columns(sql, "base_" + type.Name);
        foreach (var field in type.Fields.Where(field => !there.Contains(field.Name)))
            sql.Run(
                $"alter table {table} add column {SqlName.Quote(field.Name)} {ColumnValue.Declare(field)}"
            );
        if (old is not null)
            CopyRows(sql, old, "base_" + type.Name);
    }

    /// <summary>The first version of this client made tables that have no places to count by.</summary>
    /// <returns>The old table's new name; null = it is not of that kind.</returns>
    private static string? SetAsideWithoutRowid(Statements sql, string name)
    {
        var isOld = sql.Number("select count(*) from pragma_table_list($1) where wr", name) != 0;
        if (!isOld)
            return null;
        var aside = "old_" + name;
        sql.Run($"alter table {SqlName.Quote(name)} rename to {SqlName.Quote(aside)}");
        return aside;
    }

    private static void CopyRows(Statements sql, string from, string to)
    {
        var columns = string.Join(", ", Columns(sql, from).Select(SqlName.Quote));
        sql.Run(
            $"""
            insert into {SqlName.Quote(to)} ({columns}) select {columns} from {SqlName.Quote(from)};
            drop table {SqlName.Quote(from)};
            """
        );
    }

    private static List<string> Columns(Statements sql, string table) =>
        sql.Query("select name from pragma_table_info($1)", row => row.GetString(0), table);

    /// <summary>Rows of a type that was unknown until now.</summary>
    private static void MoveRows(Statements sql, string entity, EntityTable table)
    {
        var entries = sql.Query(
            "select id, version, o_present, o_edited_at, fields from o_raw where entity = $1",
            row => new WireEntry(
                row.GetInt64(1),
                entity,
                Guid.Parse(row.GetString(0)),
                row.GetBoolean(2) ? WireOp.Put : WireOp.Delete,
                DeviceId.Server,
                Timestamps.Read(row.GetString(3)),
                WireCodec.ReadFields(row.GetString(4))
            ),
            entity
        );
        foreach (var entry in entries)
            table.Write(entry, isWhole: true);
        sql.Execute("delete from o_raw where entity = $1", entity);
    }

    /// <summary>Fields that were unknown until now, of rows whose type was known.</summary>
    private static void MoveFields(Statements sql, EntityType type, EntityTable table)
    {
        var name = SqlName.BaseTable(type.Name);
        var waiting = sql.Query(
            $"select id, version, o_present, o_edited_at, o_raw from {name} where o_raw is not null",
            row => new WireEntry(
                row.GetInt64(1),
                type.Name,
                Guid.Parse(row.GetString(0)),
                row.GetBoolean(2) ? WireOp.Put : WireOp.Delete,
                DeviceId.Server,
                Timestamps.Read(row.GetString(3)),
                WireCodec.ReadFields(row.GetString(4))
            )
        );
        foreach (var entry in waiting)
        {
            sql.Execute($"update {name} set o_raw = null where id = $1", entry.Id.ToString());
            table.Write(entry, isWhole: false);
        }
    }
}
