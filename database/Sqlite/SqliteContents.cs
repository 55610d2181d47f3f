using Microsoft.Data.Sqlite;
using Orchestra.Sync;
using Orchestra.Sync.Catalog;
using Orchestra.Sync.Contents;

namespace Orchestra.Database.Sqlite;

/// <summary>Which contents are of no use any more.</summary>
internal static class SqliteContents
{
    private const string SelectNext = """
        select hash, size, upload_id, owner_id from contents
        where (owner_id, id) > (@owner, @id) and deleted_at is null
        order by owner_id, id limit @limit
        """;

    public static List<OwnerContent> ListNext(
        SqliteSession session,
        OwnerContent? after,
        int limit
    ) =>
        session.List(
            SelectNext,
            row => new OwnerContent(new OwnerId(row.GetUuid(3)), Read(row)),
            ("@owner", (after?.Owner.Value ?? Guid.Empty).ToColumn()),
            ("@id", (after?.Content.Hash.Row.Id ?? Guid.Empty).ToColumn()),
            ("@limit", (long)limit)
        );

    public static IReadOnlyList<Content> FindUnused(
        SqliteSession session,
        SqliteTables tables,
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
        return session.List(
            $"""
            select hash, size, upload_id from contents
            where owner_id = @owner and deleted_at is null and updated_at < @since{uses}
            order by id limit @limit
            """,
            Read,
            ("@owner", owner.Value.ToColumn()),
            ("@since", since.ToColumn()),
            ("@limit", (long)limit)
        );
    }

    private static Content Read(SqliteDataReader row) =>
        ContentHash.TryParse(row.GetString(0), out var hash)
            ? new(hash, row.GetInt64(1), row.GetUuid(2))
            : throw new InvalidOperationException("A row of contents has no hash");

    private static string Without(SqliteTable table, Field field) =>
        $"""

             and hash not in (
                select {SqliteTable.Quote(field.Name)} from {table.Name}
                where owner_id = @owner and {SqliteTable.Quote(field.Name)} is not null
                    and (deleted_at is null or deleted_at >= @since)
            )
            """;
}
