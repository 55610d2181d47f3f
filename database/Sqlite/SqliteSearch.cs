using Microsoft.Data.Sqlite;
using Orchestra.Sync;
using Orchestra.Sync.Search;

namespace Orchestra.Database.Sqlite;

/// <summary>Finds an owner's rows by their words.</summary>
internal sealed class SqliteSearch(SqliteSession session, SqliteTables tables)
{
    public FoundPage Find(OwnerId owner, WordSearch search)
    {
        var query = WordQuery.Parse(search.Words);
        if (query.IsEmpty)
            return FoundPage.Empty;
        var wanted = tables.All.Where(table =>
            table.Type.Searched.Count > 0 && search.Entities?.Contains(table.Type.Name) != false
        );
        var (rows, next) = FoundPage.Choose(
            search,
            wanted.SelectMany(table => Hits(table, owner, query))
        );
        return new([.. rows.Select(row => new FoundRow(row, Show(owner, query, row)))], next);
    }

    /// <summary>
    /// All hits with their ranks. Not FTS5's own: that one weighs words by how rare they are among all
    /// rows, so it would tell an owner what others write.
    /// </summary>
    private List<SearchPosition> Hits(SqliteTable table, OwnerId owner, WordQuery query) =>
        session.List(
            table.SelectHits,
            row => new SearchPosition(
                query.RankOf(TextsOf(table, row).Select(text => text.Text)),
                row.GetUuid(0),
                table.Type.Name
            ),
            ("@owner", owner.Value.ToColumn()),
            ("@words", MatchOf(table, owner, query))
        );

    private static string MatchOf(SqliteTable table, OwnerId owner, WordQuery query)
    {
        var fields = string.Join(
            ' ',
            table.Type.Searched.Select((_, i) => SqliteWords.ColumnOf(i))
        );
        return $"owner : {SqliteWords.WordOf(owner.Value)} AND {{{fields}}} : ({query.ToFts5()})";
    }

    private Snippet Show(OwnerId owner, WordQuery query, SearchPosition place)
    {
        var table = tables[place.Entity];
        var snippets = session.List(
            table.SelectTexts,
            row => Snippet.Of(query, TextsOf(table, row)),
            ("@owner", owner.Value.ToColumn()),
            ("@id", place.Id.ToColumn())
        );
        return snippets[0];
    }

    private static IEnumerable<(string Field, string Text)> TextsOf(
        SqliteTable table,
        SqliteDataReader row
    ) =>
        table
            .Type.Searched.Select((field, i) => (field.Name, row.GetTextOrNull(i + 1) ?? ""))
            .Where(text => text.Item2.Length > 0);
}
