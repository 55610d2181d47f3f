using Orchestra.Sync;
using Orchestra.Sync.Store;

namespace Orchestra.Database.Postgres;

/// <summary>What the log has of rows since the versions that devices knew of.</summary>
internal sealed class PostgresPastWrites(PostgresSession session)
{
    /// <summary>
    /// One scan of each owner's log, from the oldest base that still counts. The scan is bounded by
    /// the months from that version to the head's, and goes along the log's key.
    /// </summary>
    /// <param name="queries">What is asked.</param>
    /// <param name="rows">The rows asked for that there are, by owner.</param>
    /// <returns>An answer a query.</returns>
    public async Task<IReadOnlyList<IReadOnlyList<PastWrite>>> ReadAsync(
        IReadOnlyList<RowQuery> queries,
        Dictionary<OwnerId, Dictionary<RowKey, Row>> rows
    )
    {
        var answers = new List<PastWrite>[queries.Count];
        var scans = new List<Scan>();
        for (var i = 0; i < queries.Count; i++)
        {
            answers[i] = [];
            if (Scan.Of(queries[i], rows[queries[i].Owner], answers[i]) is { } scan)
                scans.Add(scan);
        }
        if (scans.Count == 0)
            return answers;
        var heads = new Dictionary<OwnerId, StoredHead>();
        await session.ReadAsync(
            [PostgresHeads.SelectMany(scans.Select(scan => scan.Owner).Distinct())],
            (_, row) =>
            {
                var (owner, head) = PostgresHeads.Read(row);
                heads[owner] = head;
            }
        );
        await session.ReadAsync(
            [.. scans.Select(scan => scan.SelectBases(heads[scan.Owner].Months))],
            (i, row) => scans[i].Keep(new RowKey(row.GetString(1), row.GetGuid(2)), row.GetInt64(0))
        );
        await session.ReadAsync(
            [.. scans.Select(scan => scan.SelectWrites(heads[scan.Owner]))],
            (i, row) => scans[i].Take(PostgresLog.ReadWrite(row))
        );
        return answers;
    }

    /// <summary>One owner's part.</summary>
    private sealed class Scan
    {
        private readonly Dictionary<RowKey, Row> rows;
        private readonly Dictionary<RowKey, long> bases;
        private readonly HashSet<RowKey> inLog = [];
        private readonly List<PastWrite> answer;

        private Scan(
            OwnerId owner,
            Dictionary<RowKey, Row> rows,
            Dictionary<RowKey, long> bases,
            List<PastWrite> answer
        )
        {
            Owner = owner;
            this.rows = rows;
            this.bases = bases;
            this.answer = answer;
        }

        public OwnerId Owner { get; }

        /// <returns>Null if no row was written after its base.</returns>
        public static Scan? Of(RowQuery query, Dictionary<RowKey, Row> rows, List<PastWrite> answer)
        {
            var bases = new Dictionary<RowKey, long>();
            foreach (var need in query.Rows)
                if (need.Base is { } known && rows.GetValueOrDefault(need.Key)?.Version > known)
                    bases[need.Key] = Math.Min(known, bases.GetValueOrDefault(need.Key, known));
            return bases.Count == 0 ? null : new Scan(query.Owner, rows, bases, answer);
        }

        public Statement SelectBases(LogMonths months) =>
            PostgresLog.SelectSome(Owner, [.. bases.Values.Distinct()], months);

        /// <summary>The log has an entry of a row at a version.</summary>
        public void Keep(RowKey row, long version)
        {
            if (bases.TryGetValue(row, out var known) && known == version)
                inLog.Add(row);
        }

        public Statement SelectWrites(StoredHead head)
        {
            var from = bases.Keys.Min(StartOf);
            return PostgresLog.SelectWritesOf(
                Owner,
                from,
                LogSpan.OfMonths(head.Months.Of(from), head.Months.Of(head.Head.Version)),
                [.. bases.Keys.Select(key => key.Id).Distinct()]
            );
        }

        public void Take(PastWrite write)
        {
            if (bases.ContainsKey(write.Row) && write.Version >= StartOf(write.Row))
                answer.Add(write);
        }

        /// <summary>The base, if the log has an entry of the row there, else the row's beginning.</summary>
        private long StartOf(RowKey row) =>
            inLog.Contains(row) ? bases[row] : rows[row].CreatedVersion;
    }
}
