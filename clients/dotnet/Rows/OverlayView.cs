using Orchestra.Client.Local;
using Orchestra.Sync.Catalog;

namespace Orchestra.Client.Rows;

/// <summary>
/// The view an app reads: server rows with the device's own changes laid over them, the later one
/// above the earlier. A row without own changes comes straight from its table.
/// </summary>
internal static class OverlayView
{
    public static string Build(EntityType type)
    {
        var entity = SqlName.Literal(type.Name);
        var table = SqlName.BaseTable(type.Name);
        var plain = type.Fields.Select(field => $", b.{SqlName.Quote(field.Name)}");
        var laid = type.Fields.Select(field => $",\n    {Laid(field, entity)}");
        return $"""
            create view {SqlName.Quote(type.Name)} as
            select b.id, b.version{string.Concat(plain)}
            from {table} b
            where b.o_present
              and not exists (select 1 from o_overlay o where o.entity = {entity} and o.id = b.id)
            union all
            select k.id, coalesce(b.version, 0){string.Concat(laid)}
            from (
                select id, max(position) as newest from o_overlay where entity = {entity} group by id
            ) k
            join o_outbox n on n.position = k.newest
            left join {table} b on b.id = k.id
            where n.op not in ('delete', 'offer_delete')
            """;
    }

    /// <summary>The newest own value of a field, else the server's.</summary>
    private static string Laid(Field field, string entity)
    {
        var path = SqlName.JsonPath(field.Name);
        var wrote =
            $"from o_overlay o where o.entity = {entity} and o.id = k.id"
            + $" and json_type(o.fields, {path}) is not null";
        var newest = $"(select {Extract(field, path)} {wrote} order by o.position desc limit 1)";
        var name = SqlName.Quote(field.Name);
        return $"case when exists (select 1 {wrote}) then {newest} else b.{name} end as {name}";
    }

    private static string Extract(Field field, string path) =>
        field.Type switch
        {
            // Keeps the quotes of a string, as the table does.
            FieldType.Json => $"nullif(o.fields -> {path}, 'null')",
            FieldType.Real => $"cast(json_extract(o.fields, {path}) as real)",
            _ => $"json_extract(o.fields, {path})",
        };
}
