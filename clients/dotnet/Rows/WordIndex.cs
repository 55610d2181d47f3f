using Microsoft.Data.Sqlite;
using Orchestra.Client.Local;
using Orchestra.Sync.Catalog;
using Orchestra.Sync.Search;

namespace Orchestra.Client.Rows;

/// <summary>
/// Finds rows by their words, as the app sees them: own changes included. Writers only note which
/// of the rows that were indexed have changed; new rows are those behind the last one that was seen.
/// A search brings the index up to date first.
/// </summary>
internal static class WordIndex
{
    /// <summary>Rows indexed in one transaction: others want to write too.</summary>
    private const int Batch = 500;

    /// <summary>Characters of a field that are looked into, as on the server.</summary>
    private const int Characters = 32_768;

    /// <summary>Makes the index of a type anew, with everything still to be indexed.</summary>
    public static void Make(Statements sql, EntityType type)
    {
        if (type.Searched.Count == 0 && !Exists(sql, type))
            return;
        var entity = SqlName.Literal(type.Name);
        var table = SqlName.BaseTable(type.Name);
        sql.Run($"drop table if exists {Table(type)}");
        sql.Execute("delete from o_indexed where entity = $1", type.Name);
        sql.Execute("delete from o_words where entity = $1", type.Name);
        foreach (var trigger in Triggers(type, entity, table))
            sql.Run(trigger);
        if (type.Searched.Count == 0)
            return;
        // An accent makes another word, as on the server.
        sql.Run(
            $"""
            create virtual table {Table(type)} using fts5 (
                {Columns(type)}, tokenize = 'unicode61 remove_diacritics 0'
            )
            """
        );
        sql.Run(
            $"""
            insert or ignore into o_unindexed (entity, id)
            select entity, id from o_outbox where entity = {entity}
            """
        );
        sql.Execute("insert into o_words (entity, seen) values ($1, 0)", type.Name);
    }

    /// <summary>Indexes some of what has changed.</summary>
    /// <returns>Whether there may be more.</returns>
    public static bool CatchUp(LocalTransaction local)
    {
        var due = local.Sql.Query(
            "select entity, id from o_unindexed limit $1",
            row => (Entity: row.GetString(0), Id: row.GetString(1)),
            Batch
        );
        foreach (var (entity, id) in due)
        {
            if (local.Tables.Catalog.Find(entity) is { } type && type.Searched.Count > 0)
                Index(local.Sql, type, id);
            local.Sql.Execute("delete from o_unindexed where entity = $1 and id = $2", entity, id);
        }
        var left = Batch - due.Count;
        foreach (var type in local.Tables.Catalog.Types.Where(type => type.Searched.Count > 0))
            left -= IndexNew(local.Sql, type, left);
        return left == 0;
    }

    private static int IndexNew(Statements sql, EntityType type, int limit)
    {
        var rows = sql.Query(
            $"""
            select rowid, id from {SqlName.BaseTable(type.Name)}
            where rowid > {Seen("$1")} order by rowid limit $2
            """,
            row => (Place: row.GetInt64(0), Id: row.GetString(1)),
            type.Name,
            limit
        );
        foreach (var (_, id) in rows)
            Index(sql, type, id);
        if (rows.Count > 0)
            sql.Execute(
                "update o_words set seen = $2 where entity = $1",
                type.Name,
                rows[^1].Place
            );
        return rows.Count;
    }

    /// <summary>The rows of a type that a query finds, the best first.</summary>
    public static List<SearchHit> Find(
        Statements sql,
        EntityType type,
        WordQuery query,
        int limit
    ) =>
        type.Searched.Count == 0 || query.IsEmpty
            ? []
            : sql.Query(
                $"""
                select i.id, w.rank, {Columns(type)}
                from {Table(type)} w join o_indexed i on i.place = w.rowid
                where {Table(type)} match $1 order by w.rank limit $2
                """,
                row => new SearchHit(
                    type.Name,
                    Guid.Parse(row.GetString(0)),
                    // FTS5 gives the best the least.
                    -row.GetDouble(1),
                    Snippet.Of(query, TextsOf(type, row))
                ),
                query.ToFts5(),
                limit
            );

    private static IEnumerable<(string, string)> TextsOf(EntityType type, SqliteDataReader row) =>
        type
            .Searched.Select((field, i) => (field.Name, Text: row.GetValue(i + 2) as string ?? ""))
            .Where(text => text.Text.Length > 0);

    private static void Index(Statements sql, EntityType type, string id)
    {
        sql.Execute("insert or ignore into o_indexed (entity, id) values ($1, $2)", type.Name, id);
        var place = sql.Number(
            "select place from o_indexed where entity = $1 and id = $2",
            type.Name,
            id
        );
        sql.Execute($"delete from {Table(type)} where rowid = $1", place);
        sql.Execute(
            $"""
            insert into {Table(type)} (rowid, {Columns(type)})
            select $1, {Texts(type)} from {SqlName.Quote(type.Name)} where id = $2
            """,
            place,
            id
        );
    }

    /// <summary>
    /// Whatever changes what the app sees of a row puts it on the list, unless the row is new. Not by
    /// <c>insert or ignore</c>: in a trigger the outer statement decides what a conflict does.
    /// </summary>
    private static IEnumerable<string> Triggers(EntityType type, string entity, string table)
    {
        foreach (var on in new[] { table, "o_outbox" })
        foreach (var what in new[] { "insert", "update", "delete" })
        {
            var isBase = on == table;
            var name = SqlName.Quote($"o_words_{type.Name}_{(isBase ? "base" : "own")}_{what}");
            yield return $"drop trigger if exists {name}";
            if (type.Searched.Count == 0 || (isBase && what == "insert"))
                continue;
            var row = what == "delete" ? "old" : "new";
            var concerns = isBase ? $"{row}.rowid <= {Seen(entity)}" : $"{row}.entity = {entity}";
            yield return $"""
                create trigger {name} after {what} on {on} begin
                    insert into o_unindexed (entity, id) select {entity}, {row}.id
                    where {concerns} and not exists (
                        select 1 from o_unindexed where entity = {entity} and id = {row}.id
                    );
                    {(isBase && what == "delete" ? StepBack(entity, table) : "")}
                end
                """;
        }
    }

    private static string Seen(string entity) =>
        $"(select seen from o_words where entity = {entity})";

    /// <summary>SQLite gives the place of a deleted last row away again.</summary>
    private static string StepBack(string entity, string table) =>
        $"""
            update o_words set seen = (select coalesce(max(rowid), 0) from {table})
            where entity = {entity} and seen > (select coalesce(max(rowid), 0) from {table});
            """;

    private static bool Exists(Statements sql, EntityType type) =>
        sql.Number(
            "select exists (select 1 from sqlite_schema where name = $1)",
            "words_" + type.Name
        ) != 0;

    private static string Columns(EntityType type) =>
        string.Join(", ", type.Searched.Select(field => SqlName.Quote(field.Name)));

    /// <summary>As much of each as the server looks into.</summary>
    private static string Texts(EntityType type) =>
        string.Join(
            ", ",
            type.Searched.Select(field => $"substr({SqlName.Quote(field.Name)}, 1, {Characters})")
        );

    private static string Table(EntityType type) => SqlName.Quote("words_" + type.Name);
}
