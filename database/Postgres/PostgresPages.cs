using Orchestra.Sync;
using Orchestra.Sync.Reading;
using Orchestra.Sync.Store;
using static Orchestra.Database.Postgres.PostgresValues;

namespace Orchestra.Database.Postgres;

/// <summary>The next page of changes after a cursor.</summary>
internal sealed class PostgresPages(PostgresSession session, PostgresTables tables)
{
    /// <summary>Entries or rows read at a time: a page may be full of bytes long before.</summary>
    private const int Chunk = 500;

    /// <summary>What an owner nobody has seen reads as: an empty history.</summary>
    private static readonly StoredHead Nobody = new(
        OwnerHead.New(DateTimeOffset.UnixEpoch),
        new LogMonths(LogMonths.NumberOf(DateTimeOffset.UnixEpoch), [1])
    );

    public async Task<ReadOutcome> ReadAsync(ReadQuery query)
    {
        var (head, epochs) = await ReadHeadAsync(query.Owner);
        var mark = await FindChangeAsync(query.Owner, head, query.Cursor.Version);
        var plan = ReadPlan.For(head.Head, epochs, query.Cursor, mark);
        if (plan.Reset is { } reset)
            return new ReadOutcome(null, reset);
        if (plan.Rows is { } range)
            return new ReadOutcome(await ReadRowsAsync(query, head, range), null);
        // Where a month is missing that the head believes in, current rows say as much.
        var page =
            await ReadLogAsync(query, head, mark)
            ?? await ReadRowsAsync(
                query,
                head,
                new RowRange(query.Cursor.Version, query.Cursor.Version)
            );
        return new ReadOutcome(page, null);
    }

    private async Task<(StoredHead, IReadOnlyCollection<EpochStart>)> ReadHeadAsync(OwnerId owner)
    {
        var head = Nobody;
        var epochs = new List<EpochStart>();
        await session.ReadAsync(
            [PostgresHeads.SelectMany([owner]), PostgresHeads.SelectEpochsOf(owner)],
            (i, row) =>
            {
                if (i == 0)
                    head = PostgresHeads.Read(row).Head;
                else
                    epochs.Add(PostgresHeads.ReadEpoch(row));
            }
        );
        return (head, epochs);
    }

    /// <summary>The change at a version; null where the log does not have it.</summary>
    private async Task<ChangeId?> FindChangeAsync(OwnerId owner, StoredHead head, long version)
    {
        if (version < 1 || version > head.Head.Version || version <= head.Head.LogHorizon)
            return null;
        var found = await session.ListAsync(
            PostgresLog.SelectSome(owner, [version], head.Months),
            row => new ChangeId(row.GetGuid(3))
        );
        return found.Count == 0 ? null : found[0];
    }

    /// <summary>Month by month, so that no more than one partition is open at a time.</summary>
    /// <returns>Null if the log has a gap.</returns>
    private async Task<ChangesPage?> ReadLogAsync(
        ReadQuery query,
        StoredHead head,
        ChangeId? markAtCursor
    )
    {
        var page = new LogPage(query);
        var since = query.Cursor.Version;
        var takesMore = true;
        while (takesMore && since < head.Head.Version)
        {
            var month = head.Months.Of(since + 1);
            var until = head.Months.LastOf(month, head.Head.Version);
            var limit = Math.Min(Chunk, query.MaxEntries + 1);
            var entries = await session.ListAsync(
                PostgresLog.SelectAfter(
                    query.Owner,
                    since,
                    until,
                    LogSpan.OfMonths(month, month),
                    limit
                ),
                row => PostgresLog.Read(row, tables)
            );
            if (entries.Count == 0 || entries[0].Version != since + 1)
                return null;
            foreach (var entry in entries)
                if (takesMore)
                    takesMore = page.Add(entry);
            since = entries[^1].Version;
        }
        return page.Build(head.Head, markAtCursor);
    }

    private async Task<ChangesPage> ReadRowsAsync(ReadQuery query, StoredHead head, RowRange range)
    {
        var page = new RowPage(query, range);
        var wanted = tables
            .All.Where(table => query.Entities?.Contains(table.Type.Name) != false)
            .ToList();
        var after = range.After;
        while (!page.IsFull && wanted.Count > 0)
        {
            var limit = Math.Min(Chunk, query.MaxEntries);
            var versions = await NextVersionsAsync(query.Owner, wanted, after, range.Floor, limit);
            if (versions.Count == 0)
                break;
            var rows = new List<Row>(versions.Count);
            await session.ReadAsync(
                [
                    .. wanted.Select(table =>
                        table.SelectRange(query.Owner, after, versions[^1], range.Floor)
                    ),
                ],
                (i, reader) => rows.Add(wanted[i].Read(reader).Row)
            );
            foreach (var row in rows.OrderBy(row => row.Version))
                if (!page.IsFull)
                    page.Add(row);
            after = versions[^1];
            if (versions.Count < limit)
                break;
        }
        var end = page.EndsAt(head.Head);
        return page.Build(head.Head, await FindChangeAsync(query.Owner, head, end));
    }

    /// <summary>Of all tables together; each contributes no more than could be needed.</summary>
    private Task<List<long>> NextVersionsAsync(
        OwnerId owner,
        IReadOnlyList<PostgresTable> wanted,
        long after,
        long floor,
        int limit
    ) =>
        session.ListAsync(
            new(
                $"""
                select version from (
                    {string.Join("\nunion all\n", wanted.Select(table => table.SelectNextVersions))}
                ) as next
                order by version limit $4
                """,
                Of(owner.Value),
                Of(after),
                Of(floor),
                Of((long)limit)
            ),
            row => row.GetInt64(0)
        );
}
