using Orchestra.Client.Rows;
using Orchestra.Sync.Decisions;

namespace Orchestra.Client.Local;

/// <summary>Computes anew what the database keeps beside its rows, and holds both together.</summary>
internal static class LocalAudit
{
    /// <summary>More missing seqs would say nothing new.</summary>
    private const int MostSeqs = 100;

    public static LocalCheck Run(LocalTransaction local)
    {
        var (digest, rows) = Recompute(local.Tables);
        return new(
            local.Sql.Number("pragma user_version"),
            FindDamage(local.Sql),
            FindMissingViews(local),
            digest,
            rows,
            local.State.Digest,
            local.State.Rows,
            FindMissingSeqs(local)
        );
    }

    private static (ulong Digest, long Rows) Recompute(ServerTables tables)
    {
        var (digest, rows) = (0UL, 0L);
        foreach (var (id, version) in tables.Stored().SelectMany(entity => tables[entity].Live()))
            (digest, rows) = (digest ^ Digest.Of(id, version), rows + 1);
        return (digest, rows);
    }

    private static List<string> FindDamage(Statements sql)
    {
        var said = sql.Query("pragma integrity_check", row => row.GetString(0));
        return said is ["ok"] ? [] : said;
    }

    private static IReadOnlyList<string> FindMissingViews(LocalTransaction local)
    {
        var there = local.Sql.Query(
            "select name from sqlite_schema where type = 'view'",
            row => row.GetString(0)
        );
        return [.. local.Tables.Catalog.Types.Select(type => type.Name).Except(there)];
    }

    /// <summary>Verdicts come in the order of seqs, so those without one are the last.</summary>
    private static List<long> FindMissingSeqs(LocalTransaction local)
    {
        var there = local.Sql.Query(
            "select seq from o_outbox where seq is not null",
            row => row.GetInt64(0)
        );
        var missing = new List<long>();
        var known = there.ToHashSet();
        var last = local.State.LastSeq;
        for (var seq = Answered(local) + 1; seq <= last && missing.Count < MostSeqs; seq++)
            if (!known.Contains(seq))
                missing.Add(seq);
        return missing;
    }

    private static long Answered(LocalTransaction local) => local.State.Acknowledged?.Seq ?? 0;
}
