using Orchestra.Client.Local;
using Orchestra.Sync;
using Orchestra.Sync.Wire;

namespace Orchestra.Client.Rows;

/// <summary>
/// The server rows of a type that the catalog does not know yet: they count in the digest, and wait
/// for their columns.
/// </summary>
internal sealed class RawTable(Statements sql, string entity) : IServerTable
{
    public RowState? Find(Guid id)
    {
        var found = sql.Query(
            "select version, o_present from o_raw where entity = $1 and id = $2",
            row => new RowState(row.GetInt64(0), row.GetBoolean(1)),
            entity,
            id.ToString()
        );
        return found.Count == 0 ? null : found[0];
    }

    public void Write(WireEntry entry, bool isWhole)
    {
        var fields = new Dictionary<string, FieldValue>(isWhole ? [] : ReadFields(entry.Id));
        foreach (var (name, value) in entry.Fields)
            fields[name] = value;
        sql.Execute(
            """
            insert into o_raw (entity, id, version, o_present, o_edited_at, fields)
            values ($1, $2, $3, $4, $5, $6)
            on conflict (entity, id) do update set
                version = $3, o_present = $4, o_edited_at = $5, fields = $6
            """,
            entity,
            entry.Id.ToString(),
            entry.Version,
            entry.Op == WireOp.Put,
            Timestamps.Write(entry.EditedAt),
            WireCodec.WriteFields(fields)
        );
    }

    public IReadOnlyList<(Guid Id, long Version)> Live() =>
        sql.Query(
            "select id, version from o_raw where entity = $1 and o_present",
            row => (Guid.Parse(row.GetString(0)), row.GetInt64(1)),
            entity
        );

    public void Clear() => sql.Execute("delete from o_raw where entity = $1", entity);

    private IReadOnlyDictionary<string, FieldValue> ReadFields(Guid id) =>
        sql.Query(
                "select fields from o_raw where entity = $1 and id = $2",
                row => WireCodec.ReadFields(row.GetString(0)),
                entity,
                id.ToString()
            )
            .FirstOrDefault(Change.NoFields);
}
