using Orchestra.Sync;
using Orchestra.Sync.Search;
using static Orchestra.Database.Postgres.PostgresValues;

namespace Orchestra.Database.Postgres;

/// <summary>When the index is asked for the nearest vectors, and not all of an owner's are compared.</summary>
/// <param name="ExactRows">Of an owner and type; not up to so many.</param>
/// <param name="LeastPart">Of all rows of the type; not where the owner has less.</param>
public sealed record IndexRule(int ExactRows, double LeastPart)
{
    /// <summary>
    /// The index meets vectors of all owners: who has few among many is found too little of, or the wrong
    /// ones. What was measured is in database/DESIGN.md.
    /// </summary>
    public static readonly IndexRule Measured = new(10_000, 0.1);
}

/// <summary>
/// Finds an owner's rows by their vectors. With few of them all are compared, which is exact; with many
/// the index is asked, which goes on until it has found as many as are wanted of this owner's. Where it gives
/// up before, all are compared after all.
/// </summary>
internal sealed class PostgresNearest(
    PostgresSession session,
    PostgresTables tables,
    IReadOnlyList<PostgresTable> embedded,
    IndexRule rule
)
{
    /// <summary>
    /// Without the order that a sort would give, the planner takes the index that has it. Whether that
    /// looks at enough is for us to say, and no plan is worth compiling.
    /// </summary>
    internal static readonly Statement SetUp = new(
        """
        select set_config(name, value, true) from (values
            ('jit', 'off'), ('enable_sort', 'off'), ('hnsw.ef_search', '200'),
            ('hnsw.iterative_scan', 'relaxed_order')
        ) as settings (name, value)
        """
    );

    public async Task<FoundPage> FindAsync(OwnerId owner, MeaningSearch search)
    {
        var wanted = embedded.Where(table => table.IsSearched(search.Entities)).ToList();
        if (wanted.Count == 0)
            return FoundPage.Empty;
        var query = WordQuery.Parse(search.Words);
        var words = new PostgresSearch(session, tables);
        var limit = search.IsHybrid ? RankFusion.Depth : search.Limit;
        var rows = await NearestAsync(owner, wanted, search, limit);
        if (search.IsHybrid)
        {
            var hits = new WordSearch(search.Words, search.Entities, null, RankFusion.Depth);
            rows = RankFusion.Of(
                rows,
                FoundPage.Choose(hits, await words.HitsAsync(wanted, query, hits)).Rows
            );
        }
        return new(await words.ShowAsync(owner, query, [.. rows.Take(search.Limit)]), null);
    }

    /// <summary>The best of all types.</summary>
    private async Task<List<SearchPosition>> NearestAsync(
        OwnerId owner,
        List<PostgresTable> wanted,
        MeaningSearch search,
        int limit
    )
    {
        var found = wanted.Select(_ => new List<SearchPosition>()).ToList();
        var many = await WithManyAsync(owner, wanted);
        await AskAsync(many, SelectNear);
        await AskAsync(
            [.. Enumerable.Range(0, wanted.Count).Where(i => found[i].Count < limit)],
            SelectExact
        );
        return [.. found.SelectMany(list => list).Order(SearchPosition.BestFirst).Take(limit)];

        async Task AskAsync(
            List<int> which,
            Func<PostgresTable, OwnerId, MeaningSearch, int, Statement> statement
        )
        {
            foreach (var i in which)
                found[i].Clear();
            await session.ReadAsync(
                [.. which.Select(i => statement(wanted[i], owner, search, limit))],
                (at, row) =>
                    found[which[at]]
                        .Add(
                            new(Rank(row.GetDouble(1)), row.GetGuid(0), wanted[which[at]].Type.Name)
                        )
            );
        }
    }

    /// <summary>Types of which the owner has more rows than are compared one by one.</summary>
    private async Task<List<int>> WithManyAsync(OwnerId owner, List<PostgresTable> wanted)
    {
        var many = new List<int>();
        await session.ReadAsync(
            [SetUp, .. wanted.Select(table => SelectIsMany(table, owner))],
            (i, row) =>
            {
                if (i > 0 && row.GetBoolean(0))
                    many.Add(i - 1);
            }
        );
        return many;
    }

    /// <summary>
    /// Whether owner <c>$1</c> has more than <c>$2</c> rows, and more than the part <c>$4</c> of all, as
    /// far as is known how many they are.
    /// </summary>
    private Statement SelectIsMany(PostgresTable table, OwnerId owner) =>
        new(
            $"""
            select (
                select count(*) from (
                    select from {table.Vectors} e where e.owner_id = $1 limit c.least + 1
                ) e
            ) > c.least
            from (
                select greatest($2, reltuples * $4)::bigint as least from pg_class
                where oid = $3::regclass and reltuples >= 0
            ) c
            """,
            Of(owner.Value),
            Of(rule.ExactRows),
            Of(table.Vectors),
            Of(rule.LeastPart)
        );

    /// <summary>
    /// Rows are looked up one by one until enough are live: vectors of deleted ones go a little later.
    /// </summary>
    internal static Statement SelectNear(
        PostgresTable table,
        OwnerId owner,
        MeaningSearch search,
        int limit
    ) =>
        new(
            $"""
            select h.id, h.distance from (
                select e.id, e.embedding operator(public.<=>) $2::real[]::public.vector as distance
                from {table.Vectors} e
                where e.owner_id = $1 and e.model = $3
                order by e.embedding operator(public.<=>) $2::real[]::public.vector offset 0
            ) h {LiveOf(table)}
            limit $4
            """,
            Of(owner.Value),
            Of(search.Vector),
            Of(search.Model),
            Of(limit)
        );

    /// <summary>The same from all vectors. An order of its own keeps the index out of it.</summary>
    internal static Statement SelectExact(
        PostgresTable table,
        OwnerId owner,
        MeaningSearch search,
        int limit
    ) =>
        new(
            $"""
            select h.id, h.distance from (
                select d.id, d.distance from (
                    select e.id, e.embedding operator(public.<=>) $2::real[]::public.vector as distance
                    from {table.Vectors} e
                    where e.owner_id = $1 and e.model = $3 and e.embedding is not null offset 0
                ) d order by d.distance offset 0
            ) h {LiveOf(table)}
            limit $4
            """,
            Of(owner.Value),
            Of(search.Vector),
            Of(search.Model),
            Of(limit)
        );

    private static string LiveOf(PostgresTable table) =>
        $"""
            cross join lateral (
                select from {table.Name} t
                where t.owner_id = $1 and t.id = h.id and t.deleted_at is null offset 0
            ) t
            """;

    /// <summary>The cosine of the angle between the two, 1 at best.</summary>
    private static float Rank(double distance) => (float)(1 - distance);
}
