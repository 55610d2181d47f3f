using System.Text.Json;
using Orchestra.Sync;
using Orchestra.Sync.Store;

namespace Orchestra.Database.Sqlite;

/// <summary>What the log has of rows since the versions that devices knew of.</summary>
internal static class SqlitePastWrites
{
    private const string SelectKnown = """
        select version, entity_type, entity_id from sync_log
        where owner_id = @owner and version in (select value from json_each(@versions))
        """;

    /// <summary>One scan of the owner's log, from the oldest base that still counts.</summary>
    public static IReadOnlyList<PastWrite> Read(
        SqliteSession session,
        RowQuery query,
        Dictionary<RowKey, Row> rows
    )
    {
        var starts = FindStarts(session, query, rows);
        if (starts.Count == 0)
            return [];
        return
        [
            .. session
                .List(
                    SqliteLog.SelectWrites,
                    SqliteLog.ReadWrite,
                    ("@owner", query.Owner.Value.ToColumn()),
                    ("@from", starts.Values.Min()),
                    ("@ids", JsonIds.Write(starts.Keys.Select(key => key.Id).Distinct()))
                )
                .Where(write =>
                    starts.TryGetValue(write.Row, out var start) && write.Version >= start
                ),
        ];
    }

    /// <summary>
    /// For each row written after its base, the version to read from: the base, if the log has an
    /// entry of the row there, else the row's beginning.
    /// </summary>
    private static Dictionary<RowKey, long> FindStarts(
        SqliteSession session,
        RowQuery query,
        Dictionary<RowKey, Row> rows
    )
    {
        var starts = new Dictionary<RowKey, long>();
        foreach (var need in query.Rows)
            if (need.Base is { } known && rows.GetValueOrDefault(need.Key)?.Version > known)
                starts[need.Key] = Math.Min(known, starts.GetValueOrDefault(need.Key, known));
        if (starts.Count == 0)
            return starts;
        var inLog = session
            .List(
                SelectKnown,
                row => (new RowKey(row.GetString(1), row.GetUuid(2)), row.GetInt64(0)),
                ("@owner", query.Owner.Value.ToColumn()),
                ("@versions", JsonSerializer.Serialize(starts.Values.Distinct()))
            )
            .ToHashSet();
        return starts.ToDictionary(
            pair => pair.Key,
            pair =>
                inLog.Contains((pair.Key, pair.Value)) ? pair.Value : rows[pair.Key].CreatedVersion
        );
    }
}
