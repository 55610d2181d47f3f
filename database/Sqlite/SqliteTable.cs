using System.Text;
using Microsoft.Data.Sqlite;
using Orchestra.Sync;
using Orchestra.Sync.Catalog;

namespace Orchestra.Database.Sqlite;

/// <summary>The statements of one entity type, made once from the catalog.</summary>
internal sealed class SqliteTable
{
    private const string SyncColumns = """
        id, version, created_version, created_at, updated_at, deleted_at,
        stamp_at, stamp_priority, stamp_device, stamp_seq, root_version
        """;

    private const string SyncValues = """
        @id, @version, @created_version, @created, @updated, @deleted,
        @stamp, @priority, @device, @seq, @root
        """;

    private const string SetSyncColumns = """
        version = @version, updated_at = @updated, deleted_at = @deleted, stamp_at = @stamp,
        stamp_priority = @priority, stamp_device = @device, stamp_seq = @seq, root_version = @root
        """;

    private const int FirstField = 11;

    private readonly string insert;
    private readonly string select;

    public SqliteTable(EntityType type)
    {
        Type = type;
        Name = Quote(type.Name);
        var names = string.Concat(type.Fields.Select(field => $", {Quote(field.Name)}"));
        var values = string.Concat(type.Fields.Select((_, i) => $", @f{i}"));
        insert = $"""
            insert into {Name} (owner_id, {SyncColumns}{names})
            values (@owner, {SyncValues}{values})
            """;
        select = $"select {SyncColumns}{names} from {Name} where owner_id = @owner";
        SelectAll = select;
        SelectByIds = $"{select} and id in (select value from json_each(@ids))";
        SelectAfter = $"""
            {select} and version > @after and (deleted_at is null or version > @floor)
            order by version
            """;
        var words = SqliteWords.TableOf(type.Name);
        var texts = string.Concat(type.Searched.Select(field => $", t.{Quote(field.Name)}"));
        SelectTexts = $"select t.id{texts} from {Name} t where t.owner_id = @owner and t.id = @id";
        SelectHits = $"""
            select t.id{texts} from {words}
            cross join word_row r on r.place = {words}.rowid and r.owner_id = @owner
            cross join {Name} t on t.owner_id = r.owner_id and t.id = r.id and t.deleted_at is null
            where {words} match @words
            """;
        SelectLive =
            $"select id, version from {Name} where owner_id = @owner and deleted_at is null";
    }

    public EntityType Type { get; }

    /// <summary>The table, quoted.</summary>
    public string Name { get; }

    /// <summary>Parameter: <c>@owner</c>.</summary>
    public string SelectAll { get; }

    /// <summary>Parameters: <c>@owner</c>, <c>@ids</c> as a JSON array.</summary>
    public string SelectByIds { get; }

    /// <summary>Parameters: <c>@owner</c>, <c>@after</c>, <c>@floor</c>; in version order.</summary>
    public string SelectAfter { get; }

    /// <summary>
    /// Id and searched texts of the live rows that an index finds. <c>@owner</c>, <c>@words</c>.
    /// </summary>
    public string SelectHits { get; }

    /// <summary>Id and searched texts of one row. <c>@owner</c>, <c>@id</c>.</summary>
    public string SelectTexts { get; }

    /// <summary>Ids and versions. Parameter: <c>@owner</c>.</summary>
    public string SelectLive { get; }

    /// <summary>Live rows that refer to some parents. <c>@owner</c>, <c>@ids</c>.</summary>
    public string SelectLiveChildren(Field field) => $"{Children(field)} and deleted_at is null";

    /// <summary>Rows that one deletion took along. <c>@owner</c>, <c>@ids</c>, <c>@root</c>.</summary>
    public string SelectDeletedChildren(Field field) =>
        $"{Children(field)} and deleted_at is not null and root_version = @root";

    public void Insert(SqliteSession session, OwnerId owner, Row row)
    {
        var values = WrittenValues(owner, row);
        values.Add(("@created_version", row.CreatedVersion));
        values.Add(("@created", row.CreatedAt.ToColumn()));
        for (var i = 0; i < Type.Fields.Count; i++)
            values.Add(($"@f{i}", FieldColumn.Write(Type.Fields[i], row[Type.Fields[i].Name])));
        session.Execute(insert, [.. values]);
    }

    /// <summary>Writes the changed fields and the sync columns, and no other.</summary>
    public void Update(
        SqliteSession session,
        OwnerId owner,
        Row row,
        IReadOnlyCollection<string> changed
    )
    {
        var sql = new StringBuilder($"update {Name} set {SetSyncColumns}");
        var values = WrittenValues(owner, row);
        for (var i = 0; i < Type.Fields.Count; i++)
        {
            var field = Type.Fields[i];
            if (!changed.Contains(field.Name))
                continue;
            sql.Append(null, $", {Quote(field.Name)} = @f{i}");
            values.Add(($"@f{i}", FieldColumn.Write(field, row[field.Name])));
        }
        sql.Append(" where owner_id = @owner and id = @id");
        var updated = session.Execute(sql.ToString(), [.. values]);
        Invariant.Require(updated == 1);
    }

    /// <summary>The row that a reader over any of the row queries stands on.</summary>
    public Row Read(SqliteDataReader reader)
    {
        var fields = new Dictionary<string, FieldValue>(Type.Fields.Count);
        for (var i = 0; i < Type.Fields.Count; i++)
            if (!reader.IsDBNull(FirstField + i))
                fields[Type.Fields[i].Name] = FieldColumn.Read(
                    Type.Fields[i],
                    reader,
                    FirstField + i
                );
        return new Row(
            new RowKey(Type.Name, reader.GetUuid(0)),
            reader.GetInt64(1),
            reader.GetInt64(2),
            reader.GetTime(3),
            reader.GetTime(4),
            reader.GetTimeOrNull(5),
            new Stamp(
                reader.GetTime(6),
                reader.GetInt32(7),
                new DeviceId(reader.GetUuid(8)),
                reader.GetInt64(9)
            ),
            reader.GetIntegerOrNull(10),
            fields
        );
    }

    private string Children(Field field) =>
        $"{select} and {Quote(field.Name)} in (select value from json_each(@ids))";

    private static List<(string, object?)> WrittenValues(OwnerId owner, Row row) =>
        [
            ("@owner", owner.Value.ToColumn()),
            ("@id", row.Key.Id.ToColumn()),
            ("@version", row.Version),
            ("@updated", row.UpdatedAt.ToColumn()),
            ("@deleted", row.DeletedAt.ToColumn()),
            ("@stamp", row.Stamp.EditedAt.ToColumn()),
            ("@priority", row.Stamp.Priority),
            ("@device", row.Stamp.Device.Value.ToColumn()),
            ("@seq", row.Stamp.Seq),
            ("@root", row.RootVersion),
        ];

    internal static string Quote(string name) =>
        '"' + name.Replace("\"", "\"\"", StringComparison.Ordinal) + '"';
}
