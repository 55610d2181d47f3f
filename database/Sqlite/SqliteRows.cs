using Orchestra.Sync;
using Orchestra.Sync.Store;

namespace Orchestra.Database.Sqlite;

/// <summary>The rows that decisions need: those asked for, and what hangs on them.</summary>
internal sealed class SqliteRows(SqliteSession session, SqliteTables tables)
{
    public RowSet Load(RowQuery query)
    {
        var rows = new Dictionary<RowKey, Row>();
        foreach (var group in query.Rows.GroupBy(need => need.Key.Entity))
        foreach (var row in ReadByIds(query.Owner, group.Key, group.Select(n => n.Key.Id)))
            rows[row.Key] = row;
        var writes = SqlitePastWrites.Read(session, query, rows);
        AddDescendants(query, rows);
        AddParentsOfDeleted(query.Owner, rows);
        return new RowSet([.. rows.Values], writes);
    }

    private List<Row> ReadByIds(OwnerId owner, string entity, IEnumerable<Guid> ids) =>
        tables.Find(entity) is { } table
            ? session.List(
                table.SelectByIds,
                table.Read,
                ("@owner", owner.Value.ToColumn()),
                ("@ids", JsonIds.Write(ids.Distinct()))
            )
            : [];

    private void AddDescendants(RowQuery query, Dictionary<RowKey, Row> rows)
    {
        var live = query
            .Rows.Where(need => need.WithDescendants)
            .Select(need => rows.GetValueOrDefault(need.Key))
            .OfType<Row>()
            .Where(row => row.IsLive)
            .ToList();
        // Live rows hang together whatever the root; the deleted ones only by what took them along.
        var together = rows
            .Values.Where(row => row is { IsLive: false, RootVersion: not null })
            .ToList();
        Descend(query.Owner, rows, live, deletedBy: null);
        foreach (var group in together.GroupBy(row => row.RootVersion))
            Descend(query.Owner, rows, [.. group], group.Key);
    }

    /// <summary>A row comes back only if all that it refers to is there.</summary>
    private void AddParentsOfDeleted(OwnerId owner, Dictionary<RowKey, Row> rows)
    {
        var parents =
            from row in rows.Values
            where !row.IsLive
            from field in tables.Catalog[row.Key.Entity].Fields
            where field.References is not null && !row[field.Name].IsNull
            let key = new RowKey(field.References!, Guid.Parse(row[field.Name].AsText()))
            where !rows.ContainsKey(key)
            select key;
        foreach (var group in parents.Distinct().ToList().GroupBy(key => key.Entity))
        foreach (var row in ReadByIds(owner, group.Key, group.Select(key => key.Id)))
            rows[row.Key] = row;
    }

    /// <summary>Level by level; a row is followed once, so references in a circle end.</summary>
    private void Descend(
        OwnerId owner,
        Dictionary<RowKey, Row> rows,
        List<Row> level,
        long? deletedBy
    )
    {
        var followed = level.Select(row => row.Key).ToHashSet();
        while (level.Count > 0)
        {
            var next = level
                .GroupBy(row => row.Key.Entity)
                .SelectMany(parents => ReadChildren(owner, parents, deletedBy))
                .Where(child => followed.Add(child.Key))
                .ToList();
            foreach (var child in next)
                rows[child.Key] = child;
            level = next;
        }
    }

    private IEnumerable<Row> ReadChildren(
        OwnerId owner,
        IGrouping<string, Row> parents,
        long? deletedBy
    )
    {
        var ids = JsonIds.Write(parents.Select(row => row.Key.Id));
        foreach (var (type, field) in tables.Catalog.ReferencesTo(parents.Key))
        {
            var table = tables[type.Name];
            var children = deletedBy is { } root
                ? session.List(
                    table.SelectDeletedChildren(field),
                    table.Read,
                    ("@owner", owner.Value.ToColumn()),
                    ("@ids", ids),
                    ("@root", root)
                )
                : session.List(
                    table.SelectLiveChildren(field),
                    table.Read,
                    ("@owner", owner.Value.ToColumn()),
                    ("@ids", ids)
                );
            foreach (var child in children)
                yield return child;
        }
    }
}
