namespace Orchestra.Database.Sqlite;

/// <summary>
/// The indexes of words, one for each type with searched fields, made of what the tables and rules say.
/// Triggers keep them: whoever writes a row need not know of them.
/// </summary>
internal static class SqliteWords
{
    /// <summary>Characters of a field that are looked into, as on PostgreSQL.</summary>
    private const int Characters = 32_768;

    private const string Searched = """
        select r.entity_type, c.name
        from sync_field_rule r join pragma_table_xinfo(r.entity_type) c on c.name = r.field
        where r.rule = 'searched' and c.type like 'TEXT(%'
        order by r.entity_type, c.cid
        """;

    /// <summary>The index of a type's words.</summary>
    public static string TableOf(string entity) => Quote("words_" + entity);

    /// <summary>The index's name for a field, by its place among those that are searched.</summary>
    public static string ColumnOf(int place) => $"f{place}";

    /// <summary>An owner as the one word that an index has for him.</summary>
    public static string WordOf(Guid owner) => owner.ToString("N");

    /// <summary>Makes what is missing and what was made of other fields, and fills it.</summary>
    public static void Make(SqliteSession session)
    {
        session.BeginWriting();
        try
        {
            var due = session
                .List(Searched, row => (Entity: row.GetString(0), Field: row.GetString(1)))
                .GroupBy(pair => pair.Entity, pair => pair.Field)
                .ToDictionary(type => type.Key, type => Definition(type.Key, [.. type]));
            var made = session
                .List(
                    "select entity_type, definition from word_index",
                    row => (row.GetString(0), row.GetString(1))
                )
                .ToDictionary();
            foreach (var (entity, definition) in made)
                if (due.GetValueOrDefault(entity) != definition)
                    Drop(session, entity);
            foreach (var (entity, definition) in due)
                if (made.GetValueOrDefault(entity) != definition)
                    Make(session, entity, definition);
            session.Commit();
        }
        finally
        {
            session.Rollback();
        }
    }

    private static void Make(SqliteSession session, string entity, string definition)
    {
        session.ExecuteScript(definition);
        session.Execute(
            "insert into word_index (entity_type, definition) values (@entity, @definition)",
            ("@entity", entity),
            ("@definition", definition)
        );
    }

    private static void Drop(SqliteSession session, string entity)
    {
        foreach (var what in new[] { "insert", "update", "delete" })
            session.ExecuteScript($"drop trigger {TriggerOf(entity, what)}");
        session.ExecuteScript($"drop table {TableOf(entity)}");
        session.Execute("delete from word_row where entity_type = @entity", ("@entity", entity));
        session.Execute("delete from word_index where entity_type = @entity", ("@entity", entity));
    }

    /// <summary>
    /// The owner is a word of his rows: a search for it and others goes through his hits and nobody
    /// else's. The index has no texts; those are in the table.
    /// </summary>
    private static string Definition(string entity, List<string> fields)
    {
        var (name, table, words) = (Literal(entity), Quote(entity), TableOf(entity));
        var columns = string.Join(", ", fields.Select((_, i) => ColumnOf(i)));
        var changes = string.Concat(
            fields.Select(Quote).Select(field => $" or new.{field} is not old.{field}")
        );
        return $"""
            create virtual table {words} using fts5 (
                owner, {columns},
                content = '', contentless_delete = 1, tokenize = 'unicode61 remove_diacritics 0'
            );
            create trigger {TriggerOf(entity, "insert")} after insert on {table}
            when new.deleted_at is null begin
                {Add("new")}
            end;
            create trigger {TriggerOf(entity, "update")} after update on {table}
            when new.deleted_at is not old.deleted_at{changes} begin
                {Remove("old")}
                {Add("new")}
            end;
            create trigger {TriggerOf(entity, "delete")} after delete on {table} begin
                {Remove("old")}
            end;
            insert into word_row (entity_type, owner_id, id)
            select {name}, owner_id, id from {table} where deleted_at is null;
            insert into {words} (rowid, owner, {columns})
            select r.place, {Values("t")}
            from word_row r join {table} t on t.owner_id = r.owner_id and t.id = r.id
            where r.entity_type = {name};
            """;

        string Values(string row) =>
            $"replace({row}.owner_id, '-', '')"
            + string.Concat(
                fields.Select(Quote).Select(field => $", substr({row}.{field}, 1, {Characters})")
            );

        string Add(string row) =>
            $"""
                insert into word_row (entity_type, owner_id, id)
                select {name}, {row}.owner_id, {row}.id where {row}.deleted_at is null;
                insert into {words} (rowid, owner, {columns})
                select place, {Values(row)} from word_row
                where {Key(row)} and {row}.deleted_at is null;
                """;

        string Remove(string row) =>
            $"""
                delete from {words} where rowid = (select place from word_row where {Key(row)});
                delete from word_row where {Key(row)};
                """;

        string Key(string row) =>
            $"entity_type = {name} and owner_id = {row}.owner_id and id = {row}.id";
    }

    private static string TriggerOf(string entity, string what) => Quote($"words_{entity}_{what}");

    private static string Quote(string name) =>
        '"' + name.Replace("\"", "\"\"", StringComparison.Ordinal) + '"';

    private static string Literal(string text) =>
        "'" + text.Replace("'", "''", StringComparison.Ordinal) + "'";
}
