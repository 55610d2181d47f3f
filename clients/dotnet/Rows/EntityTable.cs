using Orchestra.Client.Local;
using Orchestra.Sync;
using Orchestra.Sync.Catalog;
using Orchestra.Sync.Wire;

namespace Orchestra.Client.Rows;

/// <summary>
/// The server rows of a type the catalog knows, one column a field. Fields that it does not know
/// yet wait in <c>o_raw</c>.
/// </summary>
internal sealed class EntityTable : IServerTable
{
    private readonly Statements sql;
    private readonly EntityType type;
    private readonly string table;
    private readonly string writeWhole;

    public EntityTable(Statements sql, EntityType type)
    {
        this.sql = sql;
        this.type = type;
        table = SqlName.BaseTable(type.Name);
        writeWhole = BuildWriteWhole();
    }

    public RowState? Find(Guid id)
    {
        var found = sql.Query(
            $"select version, o_present from {table} where id = $1",
            row => new RowState(row.GetInt64(0), row.GetBoolean(1)),
            id.ToString()
        );
        return found.Count == 0 ? null : found[0];
    }

    public void Write(WireEntry entry, bool isWhole)
    {
        if (entry.Op == WireOp.Put && isWhole)
            WriteWhole(entry);
        else
            WriteState(entry);
        // A tombstone keeps its values: an edit that has not been sent yet still lies over them.
        if (entry.Op == WireOp.Put && !isWhole)
            WriteFields(entry);
    }

    public IReadOnlyList<(Guid Id, long Version)> Live() =>
        sql.Query(
            $"select id, version from {table} where o_present",
            row => (Guid.Parse(row.GetString(0)), row.GetInt64(1))
        );

    public void Clear() => sql.Execute($"delete from {table}");

    private void WriteWhole(WireEntry entry)
    {
        var fields = entry.Fields;
        var unknown = Unknown(fields);
        sql.Execute(
            writeWhole,
            [
                entry.Id.ToString(),
                entry.Version,
                Timestamps.Write(entry.EditedAt),
                unknown.Count == 0 ? null : WireCodec.WriteFields(unknown),
                .. type.Fields.Select(field =>
                    ColumnValue.ToSql(field, fields.GetValueOrDefault(field.Name))
                ),
            ]
        );
    }

    private void WriteState(WireEntry entry) =>
        sql.Execute(
            $"""
            insert into {table} (id, version, o_present, o_edited_at) values ($1, $2, $3, $4)
            on conflict (id) do update set version = $2, o_present = $3, o_edited_at = $4
            """,
            entry.Id.ToString(),
            entry.Version,
            entry.Op == WireOp.Put,
            Timestamps.Write(entry.EditedAt)
        );

    private void WriteFields(WireEntry entry)
    {
        var fields = entry.Fields;
        foreach (var (name, value) in fields)
            if (type.Find(name) is { } field)
                sql.Execute(
                    $"update {table} set {SqlName.Quote(name)} = $2 where id = $1",
                    entry.Id.ToString(),
                    ColumnValue.ToSql(field, value)
                );
        var unknown = Unknown(fields);
        if (unknown.Count > 0)
            AddRaw(entry.Id.ToString(), unknown);
    }

    private void AddRaw(string id, Dictionary<string, FieldValue> unknown)
    {
        var raw = sql.Query(
            $"select o_raw from {table} where id = $1 and o_raw is not null",
            row => WireCodec.ReadFields(row.GetString(0)),
            id
        );
        var merged = new Dictionary<string, FieldValue>(raw.FirstOrDefault(Change.NoFields));
        foreach (var (name, value) in unknown)
            merged[name] = value;
        sql.Execute(
            $"update {table} set o_raw = $2 where id = $1",
            id,
            WireCodec.WriteFields(merged)
        );
    }

    private Dictionary<string, FieldValue> Unknown(
        IReadOnlyDictionary<string, FieldValue> fields
    ) => fields.Where(pair => type.Find(pair.Key) is null).ToDictionary();

    private string BuildWriteWhole()
    {
        var names = type.Fields.Select(field => SqlName.Quote(field.Name)).ToList();
        var columns = string.Concat(names.Select(name => $", {name}"));
        var values = string.Concat(names.Select((_, i) => $", ${i + 5}"));
        var updates = string.Concat(names.Select((name, i) => $", {name} = ${i + 5}"));
        return $"""
            insert into {table} (id, version, o_present, o_edited_at, o_raw{columns})
            values ($1, $2, 1, $3, $4{values})
            on conflict (id) do update set
                version = $2, o_present = 1, o_edited_at = $3, o_raw = $4{updates}
            """;
    }
}
