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
    /// <summary>The number of the first field's parameter where a whole row is written.</summary>
    private const int FirstField = 5;

    private readonly Statements sql;
    private readonly EntityType type;
    private readonly string table;
    private readonly PreparedStatement find;
    private readonly PreparedStatement writeWhole;
    private readonly PreparedStatement writeState;

    public EntityTable(Statements sql, EntityType type)
    {
        this.sql = sql;
        this.type = type;
        table = SqlName.BaseTable(type.Name);
        find = sql.Prepare($"select version, o_present from {table} where id = ?1");
        writeWhole = sql.Prepare(BuildWriteWhole());
        writeState = sql.Prepare(
            $"""
            insert into {table} (id, version, o_present, o_edited_at) values (?1, ?2, ?3, ?4)
            on conflict (id) do update set version = ?2, o_present = ?3, o_edited_at = ?4
            """
        );
    }

    public RowState? Find(Guid id)
    {
        find.Bind(1, id);
        RowState? found = find.Step() ? new(find.Integer(0), find.Integer(1) != 0) : null;
        find.Reset();
        return found;
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
        writeWhole.Bind(1, entry.Id);
        writeWhole.Bind(2, entry.Version);
        writeWhole.Bind(3, Timestamps.Write(entry.EditedAt));
        var known = 0;
        for (var i = 0; i < type.Fields.Count; i++)
        {
            var field = type.Fields[i];
            if (entry.Fields.TryGetValue(field.Name, out var value))
                known++;
            ColumnValue.Bind(writeWhole, FirstField + i, field, value);
        }
        if (known == entry.Fields.Count)
            writeWhole.BindNull(4);
        else
            writeWhole.Bind(4, WireCodec.WriteFields(Unknown(entry.Fields)));
        writeWhole.Execute();
    }

    private void WriteState(WireEntry entry)
    {
        writeState.Bind(1, entry.Id);
        writeState.Bind(2, entry.Version);
        writeState.Bind(3, entry.Op == WireOp.Put ? 1 : 0);
        writeState.Bind(4, Timestamps.Write(entry.EditedAt));
        writeState.Execute();
    }

    private void WriteFields(WireEntry entry)
    {
        var known = 0;
        foreach (var (name, value) in entry.Fields)
            if (type.Find(name) is { } field)
            {
                known++;
                WriteField(entry.Id, field, value);
            }
        if (known < entry.Fields.Count)
            AddRaw(entry.Id.ToString(), Unknown(entry.Fields));
    }

    private void WriteField(Guid id, Field field, FieldValue value)
    {
        var write = sql.Prepare(
            $"update {table} set {SqlName.Quote(field.Name)} = ?2 where id = ?1"
        );
        write.Bind(1, id);
        ColumnValue.Bind(write, 2, field, value);
        write.Execute();
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
        var values = string.Concat(names.Select((_, i) => $", ?{i + FirstField}"));
        var updates = string.Concat(names.Select((name, i) => $", {name} = ?{i + FirstField}"));
        return $"""
            insert into {table} (id, version, o_present, o_edited_at, o_raw{columns})
            values (?1, ?2, 1, ?3, ?4{values})
            on conflict (id) do update set
                version = ?2, o_present = 1, o_edited_at = ?3, o_raw = ?4{updates}
            """;
    }
}
