using Npgsql;
using Orchestra.Sync.Store;

namespace Orchestra.Database.Postgres;

/// <summary>
/// Many owners' commits as one pipelined batch, which is one transaction: the fence, then new rows
/// with parents before children, then changed rows, log, devices and conflicts. Everything after the
/// fence joins on the batch's id in the head, so an owner whom the fence stopped is not written.
/// </summary>
internal static class CommitBatch
{
    /// <param name="connection">Where it will run.</param>
    /// <param name="tables">The entity types.</param>
    /// <param name="commits">Of different owners.</param>
    /// <param name="id">The batch's own.</param>
    /// <param name="wait">Whether to wait for heads that somebody holds.</param>
    public static NpgsqlBatch Of(
        NpgsqlConnection connection,
        PostgresTables tables,
        IReadOnlyList<OwnerCommit> commits,
        Guid id,
        bool wait
    )
    {
        var batch = new NpgsqlBatch(connection);
        batch.Add(PostgresHeads.Pass(commits, id, wait));
        foreach (var statement in Writes(tables, commits, id))
            batch.Add(statement);
        return batch;
    }

    private static IEnumerable<Statement> Writes(
        PostgresTables tables,
        IReadOnlyList<OwnerCommit> commits,
        Guid id
    )
    {
        var rows = (
            from commit in commits
            from write in commit.Rows
            select (commit.Owner, Write: write)
        ).ToLookup(item => (item.Write.After.Key.Entity, item.Write.IsNew));
        foreach (var table in tables.All)
            if (rows[(table.Type.Name, true)].ToList() is { Count: > 0 } made)
                yield return table.Writes.Insert(
                    [.. made.Select(item => (item.Owner, item.Write.After))],
                    id
                );
        foreach (var table in tables.All)
            if (rows[(table.Type.Name, false)].ToList() is { Count: > 0 } changed)
                foreach (var statement in table.Writes.Update(changed, id))
                    yield return statement;

        var log = commits.SelectMany(c => c.Log.Select(entry => (c.Owner, entry))).ToList();
        if (log.Count > 0)
            yield return PostgresLog.Append(log, id);
        var cursors = commits
            .SelectMany(c => c.Cursors.Select(cursor => (c.Owner, cursor)))
            .ToList();
        if (cursors.Count > 0)
            yield return PostgresCursors.Write(cursors, id);
        var conflicts = commits
            .SelectMany(c =>
                c.Conflicts.Select(
                    (conflict, i) => (c.Owner, new ConflictPosition(c.Head.CommitNo, i), conflict)
                )
            )
            .ToList();
        if (conflicts.Count > 0)
            yield return PostgresConflicts.Append(conflicts, id);
    }
}
