using Npgsql;
using Orchestra.Sync;
using Orchestra.Sync.Catalog;
using Orchestra.Sync.Search;
using static Orchestra.Database.Postgres.PostgresValues;

namespace Orchestra.Database.Postgres;

/// <summary>Which of an owner's rows are to be embedded, with the beginnings of their texts.</summary>
internal sealed class PostgresChangedTexts(
    PostgresSession session,
    IReadOnlyList<PostgresTable> tables
)
{
    private const int FirstField = 6;

    /// <summary>How far owner <c>$1</c> is, and how far he might be.</summary>
    private static Statement SelectPosition(OwnerId owner) =>
        new(
            """
            select p.recipe, p.version, h.version from orchestra.sync_head h
            left join orchestra.embedding_progress p on p.owner_id = h.owner_id
            where h.owner_id = $1
            """,
            Of(owner.Value)
        );

    /// <summary>Contents that have come or gone since.</summary>
    private static Statement SelectContents(OwnerId owner, long after, int limit) =>
        new(
            """
            select version, hash from orchestra.contents
            where owner_id = $1 and version > $2 order by version limit $3
            """,
            Of(owner.Value),
            Of(after),
            Of(limit)
        );

    public async Task<ChangedTexts?> ReadAsync(OwnerId owner, string recipe, int limit)
    {
        var positions = await session.ListAsync(
            SelectPosition(owner),
            row =>
                (
                    From: row.IsDBNull(0)
                        ? (EmbeddingPosition?)null
                        : new EmbeddingPosition(row.GetString(0), row.GetInt64(1)),
                    Head: row.GetInt64(2)
                )
        );
        if (positions is not [var (from, head)])
            return null;
        var after = from is { } known && known.Recipe == recipe ? known.Version : 0;
        if (head <= after)
            return null;
        var found = await SinceAsync(owner, after, limit);
        // What a list that is full ends with, the others are read up to.
        var to = found
            .Where(list => list.Count == limit)
            .Select(list => list[^1].Version)
            .Append(head)
            .Min();
        var near = found.Select(list => list.Where(item => item.Version <= to).ToList()).ToList();
        var rows = near.SkipLast(1).SelectMany(list => list.Select(item => item.Row!)).ToList();
        rows.AddRange(await NamingAsync(owner, [.. near[^1].Select(item => item.Hash!)], rows));
        return new(owner, from, to, rows);
    }

    public async Task<ChangedText?> ReadRowAsync(OwnerId owner, RowKey key)
    {
        var table = tables.First(table => table.Type.Name == key.Entity);
        var rows = await session.ListAsync(
            new(
                $"{Select(table)} where t.owner_id = $1 and t.id = $2 and t.deleted_at is null",
                Of(owner.Value),
                Of(key.Id)
            ),
            row => Read(table, row)
        );
        return rows is [var found] ? found : null;
    }

    /// <summary>A list a type, and one of contents, each in the order of versions.</summary>
    private async Task<List<List<Since>>> SinceAsync(OwnerId owner, long after, int limit)
    {
        var found = tables.Select(_ => new List<Since>()).Append([]).ToList();
        await session.ReadAsync(
            [
                .. tables.Select(table => new Statement(
                    $"{Select(table)} where t.owner_id = $1 and t.version > $2 order by t.version limit $3",
                    Of(owner.Value),
                    Of(after),
                    Of(limit)
                )),
                SelectContents(owner, after, limit),
            ],
            (i, row) =>
                found[i]
                    .Add(
                        i < tables.Count
                            ? Since.Of(Read(tables[i], row))
                            : new(row.GetInt64(0), null, row.GetString(1))
                    )
        );
        return found;
    }

    /// <summary>Rows that name contents, and are not among those that are known.</summary>
    private async Task<List<ChangedText>> NamingAsync(
        OwnerId owner,
        string[] hashes,
        IEnumerable<ChangedText> known
    )
    {
        var naming = new List<ChangedText>();
        if (hashes.Length == 0)
            return naming;
        var wanted = tables.Where(table => ContentField(table.Type) is not null).ToList();
        await session.ReadAsync(
            [
                .. wanted.Select(table => new Statement(
                    $"{Select(table)} where t.owner_id = $1 and t.{ContentField(table.Type)!.Column()} = any ($2) and t.deleted_at is null",
                    Of(owner.Value),
                    Of(hashes)
                )),
            ],
            (i, row) => naming.Add(Read(wanted[i], row))
        );
        return [.. naming.ExceptBy(known.Select(row => row.Row), row => row.Row)];
    }

    private static string Select(PostgresTable table)
    {
        var hash = ContentField(table.Type) is { } field ? $"t.{field.Column()}" : "null::text";
        var fields = string.Concat(
            table.Type.Searched.Select(field =>
                $", left(t.{field.Column()}, {EmbeddedText.MaxLength})"
            )
        );
        return $"""
            select t.id, t.version, t.deleted_at is null, e.model, e.text_hash, {hash}{fields}
            from {table.Name} t left join lateral (
                select * from {table.Vectors} e
                where e.owner_id = t.owner_id and e.id = t.id offset 0
            ) e on true
            """;
    }

    private static ChangedText Read(PostgresTable table, NpgsqlDataReader row) =>
        new(
            new RowKey(table.Type.Name, row.GetGuid(0)),
            row.GetInt64(1),
            row.GetBoolean(2),
            [.. table.Type.Searched.Select((_, i) => row.GetTextOrNull(FirstField + i) ?? "")],
            row.GetTextOrNull(5),
            row.GetTextOrNull(3),
            row.GetTextOrNull(4)
        );

    private static Field? ContentField(EntityType type) =>
        type.Fields.FirstOrDefault(field => field.NamesContents);

    /// <param name="Version">Of the row.</param>
    /// <param name="Row">Null for contents.</param>
    /// <param name="Hash">Of contents.</param>
    private readonly record struct Since(long Version, ChangedText? Row, string? Hash)
    {
        public static Since Of(ChangedText row) => new(row.Version, row, null);
    }
}
