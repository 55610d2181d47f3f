using Npgsql;
using Orchestra.Sync;
using Orchestra.Sync.Catalog;
using Orchestra.Sync.Store;
using static Orchestra.Database.Postgres.PostgresValues;

namespace Orchestra.Database.Postgres;

/// <summary>The statements that write rows of one entity type, many owners' in one.</summary>
internal sealed class RowWrites
{
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

    private readonly IReadOnlyList<Field> fields;
    private readonly string insert;
    private readonly string update;
    private readonly string updateWithSources;
    private readonly string table;
    private readonly HashSet<string> sources;
    private readonly IReadOnlyList<Field> plainFields;

    /// <param name="type">The entity type.</param>
    /// <param name="table">Its table, qualified and quoted.</param>
    /// <param name="sources">
    /// The columns from which generated ones are computed. An update that so much as names one of
    /// them computes those anew, so updates that do not change any have a statement of their own.
    /// </param>
    public RowWrites(EntityType type, string table, IEnumerable<string> sources)
    {
        this.table = table;
        this.sources = [.. sources];
        fields = type.Fields;
        plainFields = [.. fields.Where(field => !this.sources.Contains(field.Name))];
        insert = $"""
            insert into {table} ({PostgresTable.SyncColumns}{NamesOf(fields)})
            select u.* from unnest({InsertArrays}{ArraysOf(fields, 13)})
                as u ({PostgresTable.SyncColumns}{NamesOf(fields)})
            {PostgresHeads.JoinPassed("u", 13 + fields.Count)}
            """;
        update = UpdateOf(plainFields);
        updateWithSources = UpdateOf(fields);
    }

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
                .. fields.Select(field => PostgresField.Write(field, rows)),
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
            yield return Update(updateWithSources, fields, heavy, batch);
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
                    $", {field.Column()} = case when u.changed & {1L << i} <> 0 "
                    + $"then u.{field.Column()} else t.{field.Column()} end"
            )
        );
        var passed = PostgresHeads.JoinPassed("u", 12 + fields.Count);
        return $"""
            with written as (
                update {table} t
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
        string.Concat(fields.Select(field => $", {field.Column()}"));

    private static string ArraysOf(IEnumerable<Field> fields, int first) =>
        string.Concat(
            fields.Select((field, i) => $", ${first + i}::{PostgresField.ArrayType(field)}")
        );
}
