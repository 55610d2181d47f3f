using Npgsql;
using Orchestra.Sync;
using Orchestra.Sync.Search;
using static Orchestra.Database.Postgres.PostgresValues;

namespace Orchestra.Database.Postgres;

/// <summary>
/// Finds an owner's rows by their words. Of all hits PostgreSQL gives id and rank, by the functions that
/// <c>orchestra.sync_search</c> has made; texts are read of the page's rows only.
/// </summary>
internal sealed class PostgresSearch(PostgresSession session, PostgresTables tables)
{
    /// <summary>Enough for a page, its successor, and the row that the page before ended with.</summary>
    private const int More = 2;

    public async Task<FoundPage> FindAsync(OwnerId owner, WordSearch search)
    {
        var query = WordQuery.Parse(search.Words);
        var wanted = tables.All.Where(table => table.IsSearched(search.Entities)).ToList();
        if (query.IsEmpty || wanted.Count == 0)
            return FoundPage.Empty;
        var (rows, next) = FoundPage.Choose(search, await HitsAsync(wanted, query, search));
        return new(await ShowAsync(owner, query, rows), next);
    }

    /// <summary>What has the words, the best of each type.</summary>
    public async Task<List<SearchPosition>> HitsAsync(
        IReadOnlyList<PostgresTable> wanted,
        WordQuery query,
        WordSearch search
    )
    {
        var found = new List<SearchPosition>();
        if (query.IsEmpty)
            return found;
        await session.ReadAsync(
            [.. wanted.Select(table => SelectHits(table, query, search))],
            (i, row) => found.Add(new(row.GetFloat(1), row.GetGuid(0), wanted[i].Type.Name))
        );
        return found;
    }

    /// <summary>Rows with a piece of their texts, in order.</summary>
    public async Task<IReadOnlyList<FoundRow>> ShowAsync(
        OwnerId owner,
        WordQuery query,
        IReadOnlyList<SearchPosition> rows
    )
    {
        var snippets = new Dictionary<SearchPosition, Snippet>();
        var pages = rows.GroupBy(row => row.Entity).Select(type => type.ToList()).ToList();
        await session.ReadAsync(
            [.. pages.Select(page => SelectTexts(tables[page[0].Entity], owner, page))],
            (i, row) =>
            {
                var place = pages[i].Find(place => place.Id == row.GetGuid(0));
                snippets[place] = Snippet.Of(query, TextsOf(tables[place.Entity], row));
            }
        );
        return [.. rows.Select(row => new FoundRow(row, snippets[row]))];
    }

    private static Statement SelectHits(PostgresTable table, WordQuery query, WordSearch search) =>
        new(
            $"select id, rank from {table.SearchFunction}(orchestra.search_query($1), $2, $3, $4)",
            Of(query.ToWebSearch()),
            Of(search.After?.Rank ?? float.PositiveInfinity),
            Of(search.After?.Id ?? Guid.Empty),
            Of(search.Limit + More)
        );

    private static Statement SelectTexts(
        PostgresTable table,
        OwnerId owner,
        IReadOnlyCollection<SearchPosition> rows
    )
    {
        var fields = string.Concat(table.Type.Searched.Select(field => $", t.{field.Column()}"));
        return new(
            $"""
            select t.id{fields} from unnest($2::uuid[]) as k (id) cross join lateral (
                select * from {table.Name} t where t.owner_id = $1 and t.id = k.id offset 0
            ) t
            """,
            Of(owner.Value),
            Array(rows, row => row.Id)
        );
    }

    private static IEnumerable<(string, string)> TextsOf(
        PostgresTable table,
        NpgsqlDataReader row
    ) =>
        table
            .Type.Searched.Select((field, i) => (field.Name, row.GetTextOrNull(i + 1) ?? ""))
            .Where(text => text.Item2.Length > 0);
}
