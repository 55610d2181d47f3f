using Npgsql;
using Orchestra.Sync;
using Orchestra.Sync.Catalog;
using Orchestra.Sync.Store;
using static Orchestra.Database.Postgres.PostgresValues;

namespace Orchestra.Database.Postgres;

/// <summary>The statements of one entity type, made once from the catalog.</summary>
internal sealed class PostgresTable
{
    private const string SyncColumns = """
        owner_id, id, version, created_version, created_at, updated_at, deleted_at,
        stamp_at, stamp_priority, stamp_device, stamp_seq, root_version
        """;

    private const string InsertArrays = """
        $1::uuid[], $2::uuid[], $3::bigint[], $4::bigint[], $5::timestamptz[], $6::timestamptz[],
        $7::timestamptz[], $8::timestamptz[], $9::integer[], $10::uuid[], $11::bigint[],
        $12::bigint[]
        """;

    private const string UpdateArrays = """
        $1::uuid[], $2::uuid[], $3::bigint[], $4::timestamptz[], $5::timestamptz[],
        $6::timestamptz[], $7::integer[], $8::uuid[], $9::bigint[], $10::bigint[], $11::bigint[]
        """;

    private const string UpdateColumns = """
        owner_id, id, version, updated_at, deleted_at, stamp_at, stamp_priority, stamp_device,
        stamp_seq, root_version, changed
        """;

    private const string SetSyncColumns = """
        version = u.version, updated_at = u.updated_at, deleted_at = u.deleted_at,
        stamp_at = u.stamp_at, stamp_priority = u.stamp_priority, stamp_device = u.stamp_device,
        stamp_seq = u.stamp_seq, root_version = u.root_version
        """;

    private const int FirstField = 12;

    private readonly string insert;
    private readonly string update;
    private readonly string updateWithSources;
    private readonly string select;
    private readonly HashSet<string> sources;
    private readonly IReadOnlyList<Field> plainFields;

    /// <param name="type">The entity type.</param>
    /// <param name="sources">
    /// The columns from which generated ones are computed. An update that so much as names one of
    /// them computes those anew, so updates that do not change any have a statement of their own.
    /// </param>
    public PostgresTable(EntityType type, IEnumerable<string> sources)
    {
        Type = type;
        Name = $"orchestra.{Quote(type.Name)}";
        this.sources = [.. sources];
        plainFields = [.. type.Fields.Where(field => !this.sources.Contains(field.Name))];
        insert = $"""
            insert into {Name} ({SyncColumns}{NamesOf(type.Fields)})
            select u.* from unnest({InsertArrays}{ArraysOf(type.Fields, 13)})
                as u ({SyncColumns}{NamesOf(type.Fields)})
            {PostgresHeads.JoinPassed("u", 13 + type.Fields.Count)}
            """;
        update = UpdateOf(plainFields);
        updateWithSources = UpdateOf(type.Fields);
        var columns = string.Join(", ", SyncColumns.Split(',').Select(name => $"t.{name.Trim()}"));
        var fields = string.Concat(type.Fields.Select(field => $", t.{Quote(field.Name)}"));
        select = $"select {columns}{fields} from";
    }

    public EntityType Type { get; }

    /// <summary>The table, qualified and quoted.</summary>
    public string Name { get; }

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

    /// <summary>
    /// When tombstones were made and whose they are, of those before <c>$1</c>, after a time and an
    /// owner <c>$2</c> and <c>$3</c>, as many as <c>$4</c>, along the index of tombstones.
    /// </summary>
    public string SelectTombstones =>
        $"""
            select deleted_at, owner_id from {Name}
            where deleted_at < $1 and (deleted_at, owner_id) > ($2, $3)
            order by deleted_at, owner_id limit $4
            """;

    /// <summary>
    /// Deletes tombstones of owners <c>$1</c> made before <c>$2</c> that nobody refers to, as many as
    /// <c>$3</c>; answers with owner and version of each.
    /// </summary>
    /// <param name="references">The tables and fields that refer to this one.</param>
    public string DeleteTombstones(IEnumerable<(PostgresTable Child, Field Field)> references)
    {
        var unless = references.Select(reference =>
            $"""
                 and not exists (
                    select from {reference.Child.Name} c
                    where c.owner_id = t.owner_id and c.{Quote(reference.Field.Name)} = t.id
                        {(reference.Child == this ? "and c.id <> t.id" : "")}
                )
                """
        );
        return $"""
            with old as (
                select t.owner_id, t.id from {Name} t
                where t.owner_id = any ($1) and t.deleted_at < $2 {string.Concat(unless)}
                limit $3
            )
            delete from {Name} t using old
            where t.owner_id = old.owner_id and t.id = old.id
            returning t.owner_id, t.version
            """;
    }

    /// <summary>Live rows of owners <c>$1</c> that refer to none or to a deleted one: owner and id.</summary>
    public string SelectOrphans(Field field, PostgresTable parent) =>
        $"""
            select t.owner_id, t.id from {Name} t
            left join {parent.Name} p
                on p.owner_id = t.owner_id and p.id = t.{Quote(field.Name)} and p.deleted_at is null
            where t.owner_id = any ($1) and t.deleted_at is null
                and t.{Quote(field.Name)} is not null and p.id is null
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
            {Lookup($"t.{Quote(field.Name)} = k.id and t.deleted_at is null")}
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
                $"t.{Quote(field.Name)} = k.id and t.root_version = k.root and t.deleted_at is not null"
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

    public Statement Insert(IReadOnlyList<(OwnerId Owner, Row Row)> items, Guid batch)
    {
        var rows = items.Select(item => item.Row).ToList();
        return new(
            insert,
            [
                Array(items, item => item.Owner.Value),
                Array(rows, row => row.Key.Id),
                Array(rows, row => row.Version),
                Array(rows, row => row.CreatedVersion),
                Times(rows, row => row.CreatedAt),
                Times(rows, row => row.UpdatedAt),
                Times(rows, row => row.DeletedAt),
                .. StampOf(rows),
                .. Type.Fields.Select(field => PostgresField.Write(field, rows)),
                Of(batch),
            ]
        );
    }

    /// <summary>One statement, or two where some of the rows change a source of generated columns.</summary>
    public IEnumerable<Statement> Update(
        IReadOnlyList<(OwnerId Owner, RowWrite Write)> items,
        Guid batch
    )
    {
        var changesSource = items.ToLookup(item => item.Write.ChangedFields.Any(sources.Contains));
        if (changesSource[false].ToList() is { Count: > 0 } plain)
            yield return Update(update, plainFields, plain, batch);
        if (changesSource[true].ToList() is { Count: > 0 } heavy)
            yield return Update(updateWithSources, Type.Fields, heavy, batch);
    }

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

    private static Statement Update(
        string sql,
        IReadOnlyList<Field> fields,
        IReadOnlyList<(OwnerId Owner, RowWrite Write)> items,
        Guid batch
    )
    {
        var rows = items.Select(item => item.Write.After).ToList();
        return new(
            sql,
            [
                Array(items, item => item.Owner.Value),
                Array(rows, row => row.Key.Id),
                Array(rows, row => row.Version),
                Times(rows, row => row.UpdatedAt),
                Times(rows, row => row.DeletedAt),
                .. StampOf(rows),
                Array(items, item => MaskOf(fields, item.Write.ChangedFields)),
                .. fields.Select(field => PostgresField.Write(field, rows)),
                Of(batch),
            ]
        );
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

    private static NpgsqlParameter[] StampOf(List<Row> rows) =>
        [
            Times(rows, row => row.Stamp.EditedAt),
            Array(rows, row => row.Stamp.Priority),
            Array(rows, row => row.Stamp.Device.Value),
            Array(rows, row => row.Stamp.Seq),
            Array(rows, row => row.RootVersion),
        ];

    /// <summary>A bit a field, in their order: whether the row's update writes it.</summary>
    private static long MaskOf(IReadOnlyList<Field> fields, IReadOnlyCollection<string> changed)
    {
        var mask = 0L;
        for (var i = 0; i < fields.Count; i++)
            if (changed.Contains(fields[i].Name))
                mask |= 1L << i;
        return mask;
    }

    /// <summary>
    /// Each row writes only the fields that its mask names. That every row is found is demanded in
    /// the statement itself, for nobody reads its answer before the transaction ends.
    /// </summary>
    private string UpdateOf(IReadOnlyList<Field> fields)
    {
        var sets = string.Concat(
            fields.Select(
                (field, i) =>
                    $", {Quote(field.Name)} = case when u.changed & {1L << i} <> 0 "
                    + $"then u.{Quote(field.Name)} else t.{Quote(field.Name)} end"
            )
        );
        var passed = PostgresHeads.JoinPassed("u", 12 + fields.Count);
        return $"""
            with written as (
                update {Name} t
                set {SetSyncColumns}{sets}
                from unnest({UpdateArrays}{ArraysOf(fields, 12)})
                    as u ({UpdateColumns}{NamesOf(fields)})
                {passed}
                where t.owner_id = u.owner_id and t.id = u.id
                returning 1
            )
            select orchestra.sync_require(
                (select count(*) from written) = (
                    select count(*) from unnest($1::uuid[]) as u (owner_id)
                    {passed}
                ),
                'Every row that is updated is there'
            )
            """;
    }

    private static string NamesOf(IEnumerable<Field> fields) =>
        string.Concat(fields.Select(field => $", {Quote(field.Name)}"));

    private static string ArraysOf(IEnumerable<Field> fields, int first) =>
        string.Concat(
            fields.Select((field, i) => $", ${first + i}::{PostgresField.ArrayType(field)}")
        );

    private static string Quote(string name) =>
        '"' + name.Replace("\"", "\"\"", StringComparison.Ordinal) + '"';
}
