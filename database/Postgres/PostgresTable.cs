using Npgsql;
using Orchestra.Sync;
using Orchestra.Sync.Catalog;
using Orchestra.Sync.Store;
using static Orchestra.Database.Postgres.PostgresValues;

namespace Orchestra.Database.Postgres;

/// <summary>The statements of one entity type, made once from the catalog.</summary>
internal sealed class PostgresTable
{
    /// <summary>The columns that each table begins with, in the order in which they are read.</summary>
    internal const string SyncColumns = """
        owner_id, id, version, created_version, created_at, updated_at, deleted_at,
        stamp_at, stamp_priority, stamp_device, stamp_seq, root_version
        """;

    private const int FirstField = 12;

    private readonly string select;

    /// <param name="type">The entity type.</param>
    /// <param name="sources">The columns from which generated ones are computed.</param>
    public PostgresTable(EntityType type, IEnumerable<string> sources)
    {
        Type = type;
        Name = $"orchestra.{PostgresField.Quote(type.Name)}";
        SearchFunction = $"orchestra.{PostgresField.Quote("search_" + type.Name)}";
        Vectors = $"orchestra.{PostgresField.Quote(type.Name + "_embedding")}";
        Writes = new RowWrites(type, Name, sources);
        var columns = string.Join(", ", SyncColumns.Split(',').Select(name => $"t.{name.Trim()}"));
        var fields = string.Concat(type.Fields.Select(field => $", t.{field.Column()}"));
        select = $"select {columns}{fields} from";
    }

    public EntityType Type { get; }

    /// <summary>The table, qualified and quoted.</summary>
    public string Name { get; }

    /// <summary>What finds its rows by their words, qualified and quoted; there if it is searched.</summary>
    public string SearchFunction { get; }

    /// <summary>The table of its rows' vectors, qualified and quoted; there if pgvector is.</summary>
    public string Vectors { get; }

    /// <summary>New and changed rows.</summary>
    public RowWrites Writes { get; }

    /// <summary>Whether there are words to be found in, and these types, or all, are asked for.</summary>
    public bool IsSearched(IReadOnlyList<string>? entities) =>
        Type.Searched.Count > 0 && entities?.Contains(Type.Name) != false;

    /// <summary>Digest and count of the live rows of owner <c>$1</c>.</summary>
    public string SelectDigest =>
        $"""
            select coalesce(bit_xor(orchestra.row_digest(id, version)), 0), count(*)
            from {Name} where owner_id = $1 and deleted_at is null
            """;

    /// <summary>
    /// The versions of the next rows of owner <c>$1</c> above version <c>$2</c>, tombstones only
    /// above <c>$3</c>, as many as <c>$4</c>, in order.
    /// </summary>
    public string SelectNextVersions =>
        $"""
            (select version from {Name}
            where owner_id = $1 and version > $2 and (deleted_at is null or version > $3)
            order by version limit $4)
            """;

    /// <summary>All rows of some owners.</summary>
    public Statement SelectAll(Guid[] owners) =>
        new($"{select} {Name} t where t.owner_id = any ($1)", Of(owners));

    /// <summary>All rows of an owner.</summary>
    public Statement SelectAll(OwnerId owner) =>
        new($"{select} {Name} t where t.owner_id = $1", Of(owner.Value));

    /// <summary>Rows by owner and id.</summary>
    public Statement SelectByIds(IReadOnlyCollection<(OwnerId Owner, Guid Id)> keys) =>
        new(
            $"""
            {select} unnest($1::uuid[], $2::uuid[]) as k (owner_id, id)
            {Lookup("t.id = k.id")}
            """,
            Array(keys, key => key.Owner.Value),
            Array(keys, key => key.Id)
        );

    /// <summary>Live rows that refer to some parents.</summary>
    public Statement SelectLiveChildren(
        Field field,
        IReadOnlyCollection<(OwnerId Owner, Guid Id)> parents
    ) =>
        new(
            $"""
            {select} unnest($1::uuid[], $2::uuid[]) as k (owner_id, id)
            {Lookup($"t.{field.Column()} = k.id and t.deleted_at is null")}
            """,
            Array(parents, key => key.Owner.Value),
            Array(parents, key => key.Id)
        );

    /// <summary>Rows that went with the deletion that took their parent along.</summary>
    public Statement SelectDeletedChildren(
        Field field,
        IReadOnlyCollection<(OwnerId Owner, Guid Id, long Root)> parents
    ) =>
        new(
            $"""
            {select} unnest($1::uuid[], $2::uuid[], $3::bigint[]) as k (owner_id, id, root)
            {Lookup(
                $"t.{field.Column()} = k.id and t.root_version = k.root and t.deleted_at is not null"
            )}
            """,
            Array(parents, key => key.Owner.Value),
            Array(parents, key => key.Id),
            Array(parents, key => key.Root)
        );

    /// <summary>Rows of an owner above a version and up to another, in version order.</summary>
    public Statement SelectRange(OwnerId owner, long after, long until, long floor) =>
        new(
            $"""
            {select} {Name} t
            where t.owner_id = $1 and t.version > $2 and t.version <= $3
                and (t.deleted_at is null or t.version > $4)
            order by t.version
            """,
            Of(owner.Value),
            Of(after),
            Of(until),
            Of(floor)
        );

    /// <summary>The row that a reader over any of the row queries stands on.</summary>
    public (OwnerId Owner, Row Row) Read(NpgsqlDataReader reader)
    {
        var fields = new Dictionary<string, FieldValue>(Type.Fields.Count);
        for (var i = 0; i < Type.Fields.Count; i++)
            if (!reader.IsDBNull(FirstField + i))
                fields[Type.Fields[i].Name] = PostgresField.Read(
                    Type.Fields[i],
                    reader,
                    FirstField + i
                );
        var row = new Row(
            new RowKey(Type.Name, reader.GetGuid(1)),
            reader.GetInt64(2),
            reader.GetInt64(3),
            reader.GetTime(4),
            reader.GetTime(5),
            reader.GetTimeOrNull(6),
            new Stamp(
                reader.GetTime(7),
                reader.GetInt32(8),
                new DeviceId(reader.GetGuid(9)),
                reader.GetInt64(10)
            ),
            reader.GetIntegerOrNull(11),
            fields
        );
        return (new OwnerId(reader.GetGuid(0)), row);
    }

    /// <summary>
    /// The rows <c>t</c> for each of the keys <c>k</c>. Each is looked up by itself, whatever the
    /// planner believes of their number: with a plain join it reads whole tables for some hundred
    /// keys, and what is right for the table of today is wrong for that of next year.
    /// </summary>
    private string Lookup(string condition) =>
        $"""
            cross join lateral (
                select * from {Name} t where t.owner_id = k.owner_id and {condition} offset 0
            ) t
            """;
}
