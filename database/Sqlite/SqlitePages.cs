using Microsoft.Data.Sqlite;
using Orchestra.Sync;
using Orchestra.Sync.Reading;
using Orchestra.Sync.Store;

namespace Orchestra.Database.Sqlite;

/// <summary>The next page of changes after a cursor.</summary>
internal sealed class SqlitePages(SqliteSession session, SqliteTables tables)
{
    /// <summary>What an owner nobody has seen reads as: an empty history.</summary>
    private static readonly OwnerHead Nobody = OwnerHead.New(DateTimeOffset.UnixEpoch);

    public ReadOutcome Read(ReadQuery query)
    {
        var head = SqliteHeads.Find(session, query.Owner) ?? Nobody;
        var epochs = SqliteHeads.ReadEpochs(session, query.Owner);
        var mark = SqliteLog.FindChange(session, query.Owner, query.Cursor.Version);
        var plan = ReadPlan.For(head, epochs, query.Cursor, mark);
        if (plan.Reset is { } reset)
            return new ReadOutcome(null, reset);
        return new ReadOutcome(
            plan.Rows is { } range ? ReadRows(query, head, range) : ReadLog(query, head, mark),
            null
        );
    }

    private ChangesPage ReadLog(ReadQuery query, OwnerHead head, ChangeId? markAtCursor)
    {
        var page = new LogPage(query);
        using var reader = session.Query(
            SqliteLog.SelectSince,
            ("@owner", query.Owner.Value.ToColumn()),
            ("@since", query.Cursor.Version)
        );
        while (reader.Read())
            if (!page.Add(SqliteLog.Read(reader, tables)))
                break;
        return page.Build(head, markAtCursor);
    }

    /// <summary>
    /// Merges the tables in version order. Each is read only as far as the page gets: SQLite makes
    /// a row when it is asked for.
    /// </summary>
    private ChangesPage ReadRows(ReadQuery query, OwnerHead head, RowRange range)
    {
        var page = new RowPage(query, range);
        var readers = new List<SqliteDataReader>();
        var next = new PriorityQueue<(SqliteTable Table, SqliteDataReader Reader), long>();
        try
        {
            foreach (var table in tables.All)
            {
                if (query.Entities is not null && !query.Entities.Contains(table.Type.Name))
                    continue;
                var reader = session.Query(
                    table.SelectAfter,
                    ("@owner", query.Owner.Value.ToColumn()),
                    ("@after", range.After),
                    ("@floor", range.Floor)
                );
                readers.Add(reader);
                Advance(table, reader);
            }
            while (!page.IsFull && next.TryDequeue(out var source, out _))
            {
                page.Add(source.Table.Read(source.Reader));
                Advance(source.Table, source.Reader);
            }
        }
        finally
        {
            readers.ForEach(reader => reader.Dispose());
        }
        var end = page.EndsAt(head);
        return page.Build(head, SqliteLog.FindChange(session, query.Owner, end));

        void Advance(SqliteTable table, SqliteDataReader reader)
        {
            if (reader.Read())
                next.Enqueue((table, reader), reader.GetInt64(1));
        }
    }
}
