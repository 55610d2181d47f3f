using Npgsql;
using Orchestra.Sync;
using Orchestra.Sync.Catalog;
using Orchestra.Sync.Contents;
using static Orchestra.Database.Postgres.PostgresValues;

namespace Orchestra.Database.Postgres;

/// <summary>Which contents are of no use any more.</summary>
internal static class PostgresContents
{
    /// <summary>Those of all owners after owner <c>$1</c>'s id <c>$2</c>, at most <c>$3</c>.</summary>
    private static Statement SelectNext(OwnerContent? after, int limit) =>
        new(
            """
            select hash, size, upload_id, owner_id, deleted_at is null from orchestra.contents
            where (owner_id, id) > ($1, $2) order by owner_id, id limit $3
            """,
            Of(after?.Owner.Value ?? Guid.Empty),
            Of(after?.Content.Hash.Row.Id ?? Guid.Empty),
            Of(limit)
        );

    /// <summary>
    /// Live ones. Tombstones are read too, or the planner might read the whole table for a few.
    /// </summary>
    public static async Task<IReadOnlyList<OwnerContent>> ListAsync(
        PostgresSession session,
        OwnerContent? after,
        int limit
    )
    {
        var live = new List<OwnerContent>();
        while (live.Count < limit)
        {
            var rows = await session.ListAsync(
                SelectNext(after, limit),
                row => (Row: new OwnerContent(new(row.GetGuid(3)), Read(row)), row.GetBoolean(4))
            );
            foreach (var (row, isLive) in rows)
                if (isLive)
                    live.Add(row);
            if (rows.Count < limit)
                break;
            after = rows[^1].Row;
        }
        return live.Count > limit ? live[..limit] : live;
    }

    /// <summary>Of owner <c>$1</c>, since <c>$2</c>, at most <c>$3</c>.</summary>
    public static Statement SelectUnused(
        PostgresTables tables,
        OwnerId owner,
        DateTimeOffset since,
        int limit
    )
    {
        var uses = string.Concat(
            from table in tables.All
            from field in table.Type.Fields
            where field.NamesContents
            select Without(table, field)
        );
        return new(
            $"""
            select c.hash, c.size, c.upload_id from orchestra.contents c
            where c.owner_id = $1 and c.deleted_at is null and c.updated_at < $2{uses}
            order by c.id limit $3
            """,
            Of(owner.Value),
            Of(since),
            Of(limit)
        );
    }

    public static Content Read(NpgsqlDataReader row) =>
        ContentHash.TryParse(row.GetString(0), out var hash)
            ? new(hash, row.GetInt64(1), row.GetGuid(2))
            : throw new InvalidOperationException("A row of contents has no hash");

    private static string Without(PostgresTable table, Field field) =>
        $"""

             and not exists (
                select from {table.Name} x
                where x.owner_id = $1 and x.{field.Column()} = c.hash
                    and (x.deleted_at is null or x.deleted_at >= $2)
            )
            """;
}
