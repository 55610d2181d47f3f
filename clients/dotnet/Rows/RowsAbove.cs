using Microsoft.Data.Sqlite;
using Orchestra.Client.Local;
using Orchestra.Sync;
using Orchestra.Sync.Catalog;
using Orchestra.Sync.Wire;

namespace Orchestra.Client.Rows;

/// <summary>The server rows, tombstones included, whose version is above a given one.</summary>
internal sealed class RowsAbove(Statements sql, EntityCatalog catalog, long version)
{
    public bool Any() => Count() > 0;

    public long Count() => Known.Sum(type => Count(SqlName.BaseTable(type.Name))) + Count("o_raw");

    /// <summary>Parents before what refers to them; what the server alone makes is left out.</summary>
    public IEnumerable<WholeRow> Present() => Of(isPresent: true);

    public IEnumerable<WholeRow> Deleted() => Of(isPresent: false);

    private IEnumerable<EntityType> Known => catalog.Types.Where(type => !type.ServerOwned);

    private long Count(string table) =>
        sql.Number($"select count(*) from {table} where version > $1", version);

    private IEnumerable<WholeRow> Of(bool isPresent) =>
        Known
            .SelectMany(type => FindIds(type, isPresent).Select(id => Read(type, id)))
            .Concat(Unknown(isPresent));

    private IReadOnlyList<Guid> FindIds(EntityType type, bool isPresent)
    {
        var parent = type.Fields.FirstOrDefault(field => field.References == type.Name);
        var column = parent is null ? "null" : SqlName.Quote(parent.Name);
        return ParentsFirst.Order(
            sql.Query(
                $"""
                select id, {column} from {SqlName.BaseTable(type.Name)}
                where version > $1 and o_present = $2 order by version
                """,
                row =>
                    (
                        Guid.Parse(row.GetString(0)),
                        row.IsDBNull(1) ? (Guid?)null : Guid.Parse(row.GetString(1))
                    ),
                version,
                isPresent
            )
        );
    }

    private WholeRow Read(EntityType type, Guid id) =>
        sql.Query(
                $"select * from {SqlName.BaseTable(type.Name)} where id = $1",
                row => new WholeRow(
                    type.Name,
                    id,
                    row.GetBoolean(row.GetOrdinal("o_present")),
                    Timestamps.Read(row.GetString(row.GetOrdinal("o_edited_at"))),
                    Fields(type, row)
                ),
                id.ToString()
            )
            .Single();

    /// <summary>What the server alone writes is not for a device to give back.</summary>
    private static Dictionary<string, FieldValue> Fields(EntityType type, SqliteDataReader row)
    {
        var unknown = row["o_raw"] is string raw ? WireCodec.ReadFields(raw) : Change.NoFields;
        var fields = new Dictionary<string, FieldValue>(unknown);
        foreach (var field in type.Fields.Where(field => !field.ServerOnly))
            fields[field.Name] = ColumnValue.FromSql(field, row[field.Name]);
        return fields;
    }

    private List<WholeRow> Unknown(bool isPresent) =>
        sql.Query(
            """
            select entity, id, o_edited_at, fields from o_raw
            where version > $1 and o_present = $2 order by version
            """,
            row => new WholeRow(
                row.GetString(0),
                Guid.Parse(row.GetString(1)),
                isPresent,
                Timestamps.Read(row.GetString(2)),
                WireCodec.ReadFields(row.GetString(3))
            ),
            version,
            isPresent
        );
}

/// <summary>A server row as it can be given back.</summary>
internal sealed record WholeRow(
    string Entity,
    Guid Id,
    bool IsPresent,
    DateTimeOffset EditedAt,
    IReadOnlyDictionary<string, FieldValue> Fields
);
