using Orchestra.Sync;
using Orchestra.Sync.Catalog;
using Orchestra.Sync.Store;

namespace Orchestra.Database.Postgres;

/// <summary>
/// The rows that decisions of many owners need: those asked for, and what hangs on them. Each step
/// is one round trip for all owners, and most decisions need no more than the first.
/// </summary>
/// <remarks>
/// The steps may see different moments. A decision on rows that somebody has written since is
/// stopped by the fence, whichever step saw it.
/// </remarks>
internal sealed class PostgresRows
{
    private readonly PostgresTables tables;
    private readonly IReadOnlyList<RowQuery> queries;
    private readonly Dictionary<OwnerId, Dictionary<RowKey, Row>> found = [];

    private PostgresRows(PostgresTables tables, IReadOnlyList<RowQuery> queries)
    {
        this.tables = tables;
        this.queries = queries;
        foreach (var query in queries)
            found[query.Owner] = [];
    }

    public static async Task<IReadOnlyList<RowSet>> LoadAsync(
        PostgresDatabase database,
        PostgresTables tables,
        IReadOnlyList<RowQuery> queries,
        CancellationToken cancellation
    )
    {
        var rows = new PostgresRows(tables, queries);
        await database.RunAsync(rows.ReadAskedAsync, cancellation);
        return rows.AreAll
            ? rows.Answer(_ => [])
            : await database.ReadAsync(rows.ReadRestAsync, cancellation);
    }

    /// <summary>Whether no change is behind what was found, and nothing hangs on it that counts.</summary>
    private bool AreAll =>
        found.Values.All(rows => rows.Values.All(row => row.IsLive))
        && queries.All(query =>
            query.Rows.All(need =>
                !found[query.Owner].TryGetValue(need.Key, out var row)
                || !(need.WithDescendants || need.Base < row.Version)
            )
        );

    private async Task<bool> ReadAskedAsync(PostgresSession session)
    {
        await ReadByIdsAsync(
            session,
            from query in queries
            from need in query.Rows
            select (query.Owner, need.Key)
        );
        return true;
    }

    private async Task<IReadOnlyList<RowSet>> ReadRestAsync(PostgresSession session)
    {
        var writes = await new PostgresPastWrites(session).ReadAsync(queries, found);
        await AddDescendantsAsync(session);
        await AddParentsOfDeletedAsync(session);
        return Answer(i => writes[i]);
    }

    private IReadOnlyList<RowSet> Answer(Func<int, IReadOnlyList<PastWrite>> writes) =>
        [.. queries.Select((query, i) => new RowSet([.. found[query.Owner].Values], writes(i)))];

    private async Task ReadByIdsAsync(
        PostgresSession session,
        IEnumerable<(OwnerId Owner, RowKey Key)> asked
    )
    {
        var statements = (
            from item in asked.Distinct()
            group (item.Owner, item.Key.Id) by item.Key.Entity into entity
            let table = tables.Find(entity.Key)
            where table is not null
            select (table, table.SelectByIds([.. entity]))
        ).ToList();
        foreach (var (owner, row) in await ReadAsync(session, statements, prepared: true))
            found[owner][row.Key] = row;
    }

    private async Task AddDescendantsAsync(PostgresSession session)
    {
        var live =
            from query in queries
            from need in query.Rows
            where need.WithDescendants
            let row = found[query.Owner].GetValueOrDefault(need.Key)
            where row is { IsLive: true }
            select (query.Owner, row);
        // Live rows hang together whatever the root; the deleted ones only by what took them along.
        var together =
            from owner in found
            from row in owner.Value.Values
            where row is { IsLive: false, RootVersion: not null }
            select (owner.Key, row);
        var level = live.Concat(together).Distinct().ToList();
        var followed = level.Select(item => (item.Item1, item.row.Key)).ToHashSet();
        // Level by level; a row is followed once, so references in a circle end.
        while (level.Count > 0)
        {
            var children = await ReadAsync(session, [.. ChildrenOf(level)]);
            level = [.. children.Where(child => followed.Add((child.Owner, child.Row.Key)))];
            foreach (var (owner, row) in level)
                found[owner][row.Key] = row;
        }
    }

    /// <summary>A query for each field that can refer to one of these rows.</summary>
    private IEnumerable<(PostgresTable, Statement)> ChildrenOf(
        IReadOnlyList<(OwnerId Owner, Row Row)> parents
    )
    {
        foreach (var entity in parents.GroupBy(parent => parent.Row.Key.Entity))
        foreach (var (type, field) in tables.Catalog.ReferencesTo(entity.Key))
        {
            var table = tables[type.Name];
            var live = entity.Where(parent => parent.Row.IsLive).ToList();
            if (live.Count > 0)
                yield return (
                    table,
                    table.SelectLiveChildren(field, [.. live.Select(p => (p.Owner, p.Row.Key.Id))])
                );
            var deleted = entity.Where(parent => !parent.Row.IsLive).ToList();
            if (deleted.Count > 0)
                yield return (table, DeletedChildren(table, field, deleted));
        }
    }

    private static Statement DeletedChildren(
        PostgresTable table,
        Field field,
        IReadOnlyList<(OwnerId Owner, Row Row)> parents
    ) =>
        table.SelectDeletedChildren(
            field,
            [
                .. parents.Select(parent =>
                    (parent.Owner, parent.Row.Key.Id, parent.Row.RootVersion!.Value)
                ),
            ]
        );

    /// <summary>A row comes back only if all that it refers to is there.</summary>
    private Task AddParentsOfDeletedAsync(PostgresSession session) =>
        ReadByIdsAsync(
            session,
            (
                from owner in found
                from row in owner.Value.Values
                where !row.IsLive
                from field in tables.Catalog[row.Key.Entity].Fields
                where field.References is not null && !row[field.Name].IsNull
                let key = new RowKey(field.References!, Guid.Parse(row[field.Name].AsText()))
                where !owner.Value.ContainsKey(key)
                select (owner.Key, key)
            ).ToList()
        );

    private static async Task<List<(OwnerId Owner, Row Row)>> ReadAsync(
        PostgresSession session,
        List<(PostgresTable Table, Statement Statement)> statements,
        bool prepared = false
    )
    {
        var rows = new List<(OwnerId, Row)>();
        await session.ReadAsync(
            [.. statements.Select(item => item.Statement)],
            (i, reader) => rows.Add(statements[i].Table.Read(reader)),
            prepared
        );
        return rows;
    }
}
