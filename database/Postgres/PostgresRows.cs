using Orchestra.Sync;
using Orchestra.Sync.Catalog;
using Orchestra.Sync.Store;

namespace Orchestra.Database.Postgres;

/// <summary>
/// The rows that decisions of many owners need: those asked for, and what hangs on them. Each step
/// is one round trip for all owners.
/// </summary>
internal sealed class PostgresRows(PostgresSession session, PostgresTables tables)
{
    private readonly Dictionary<OwnerId, Dictionary<RowKey, Row>> found = [];

    public async Task<IReadOnlyList<RowSet>> LoadAsync(IReadOnlyList<RowQuery> queries)
    {
        foreach (var query in queries)
            found[query.Owner] = [];
        var asked = from query in queries from need in query.Rows select (query.Owner, need.Key);
        await ReadByIdsAsync(asked);
        var writes = await new PostgresPastWrites(session).ReadAsync(queries, found);
        await AddDescendantsAsync(queries);
        await AddParentsOfDeletedAsync();
        return
        [
            .. queries.Select((query, i) => new RowSet([.. found[query.Owner].Values], writes[i])),
        ];
    }

    private async Task ReadByIdsAsync(IEnumerable<(OwnerId Owner, RowKey Key)> asked)
    {
        var queries = (
            from item in asked.Distinct()
            group (item.Owner, item.Key.Id) by item.Key.Entity into entity
            let table = tables.Find(entity.Key)
            where table is not null
            select (table, table.SelectByIds([.. entity]))
        ).ToList();
        foreach (var (owner, row) in await ReadAsync(queries))
            found[owner][row.Key] = row;
    }

    private async Task AddDescendantsAsync(IReadOnlyList<RowQuery> queries)
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
            var children = await ReadAsync([.. ChildrenOf(level)]);
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
    private Task AddParentsOfDeletedAsync() =>
        ReadByIdsAsync(
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

    private async Task<List<(OwnerId Owner, Row Row)>> ReadAsync(
        List<(PostgresTable Table, Statement Statement)> queries
    )
    {
        var rows = new List<(OwnerId, Row)>();
        await session.ReadAsync(
            [.. queries.Select(query => query.Statement)],
            (i, reader) => rows.Add(queries[i].Table.Read(reader))
        );
        return rows;
    }
}
