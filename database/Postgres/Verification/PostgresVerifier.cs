using Npgsql;
using Orchestra.Database.Schema;
using Orchestra.Sync;
using Orchestra.Sync.Catalog;
using Orchestra.Sync.Store;
using static Orchestra.Database.Postgres.PostgresValues;

namespace Orchestra.Database.Postgres.Verification;

/// <summary>
/// Holds the database to what it must be: heads, log, rows, devices and epochs of every owner fit
/// together. Reads only, some owners at a time, each group from one snapshot.
/// </summary>
public sealed class PostgresVerifier(PostgresDatabase database)
{
    /// <summary>Owners in a group.</summary>
    private const int Owners = 200;

    /// <summary>Versions in a group, unless one owner has more: they are in memory, folded.</summary>
    private const long Versions = 50_000;

    private const string Next = """
        select owner_id, version from orchestra.sync_head
        where owner_id {cursor} $1 and ($2::uuid[] is null or owner_id = any ($2))
        order by owner_id limit $3
        """;

    /// <summary>Whether the walls of <c>migrations/006_walls.sql</c> hide owners from this login.</summary>
    private const string SeesAll = """
        select not row_security_active('orchestra.sync_head')
            or pg_has_role('orchestra_app', 'usage') or pg_has_role('orchestra_maintenance', 'usage')
        """;

    private const string Epochs =
        "select epoch, kept, owner_id from orchestra.sync_epoch where owner_id = any ($1)";

    /// <summary>How many owners there are to verify.</summary>
    /// <exception cref="SchemaException">It cannot be read; the sentence says why.</exception>
    public async Task<long> CountAsync(OwnerId? owner, CancellationToken cancellation)
    {
        if (owner is not null)
            return 1;
        try
        {
            var seesAll = await ListAsync(SeesAll, row => row.GetBoolean(0));
            if (!seesAll[0])
                throw new SchemaException(
                    "This login sees one owner at a time: name one, or verify as a member of "
                        + "orchestra_app or orchestra_maintenance"
                );
            var count = await ListAsync(
                "select count(*) from orchestra.sync_head",
                row => row.GetInt64(0)
            );
            return count[0];
        }
        catch (Sync.Errors.SyncException e)
        {
            throw Unreadable(e);
        }

        Task<List<T>> ListAsync<T>(string sql, Func<NpgsqlDataReader, T> read) =>
            database.RunAsync(session => session.ListAsync(new(sql), read), cancellation);
    }

    /// <param name="owner">Null = all.</param>
    /// <param name="progress">Hears of each group.</param>
    /// <param name="cancellation">Stops between two groups.</param>
    /// <exception cref="SchemaException">It cannot be read; the sentence says why.</exception>
    public async Task<VerificationReport> VerifyAsync(
        OwnerId? owner,
        IProgress<VerificationReport> progress,
        CancellationToken cancellation
    )
    {
        try
        {
            var tables = await database.ReadAsync(PostgresCatalog.ReadAsync, cancellation);
            var report = VerificationReport.Empty;
            var cursor = OwnerCursor.Start;
            while (await NextAsync(cursor, owner, cancellation) is { Length: > 0 } group)
            {
                cancellation.ThrowIfCancellationRequested();
                foreach (var check in await CheckAsync(group, owner, tables, cancellation))
                    report = report.Add(check);
                progress.Report(report);
                cursor = OwnerCursor.After(group[^1]);
            }
            return report;
        }
        catch (Sync.Errors.SyncException e)
        {
            throw Unreadable(e);
        }
    }

    private static SchemaException Unreadable(Sync.Errors.SyncException e) =>
        new($"The database cannot be verified: {e.InnerException?.Message ?? e.Message}");

    private async Task<Guid[]> NextAsync(
        OwnerCursor cursor,
        OwnerId? owner,
        CancellationToken cancellation
    )
    {
        var found = await ReadAsync(
            owner,
            session =>
                session.ListAsync(
                    new(
                        Next.Replace("{cursor}", cursor.Condition, StringComparison.Ordinal),
                        Of(cursor.Last),
                        Of<Guid[]?>(owner is { } one ? [one.Value] : null),
                        Of((long)Owners)
                    ),
                    row => (Owner: row.GetGuid(0), Version: row.GetInt64(1))
                ),
            cancellation
        );
        var versions = 0L;
        return
        [
            .. found
                .TakeWhile((item, i) => (versions += item.Version) <= Versions || i == 0)
                .Select(item => item.Owner),
        ];
    }

    /// <summary>Where it is about one owner, a login will do that sees one at a time.</summary>
    private Task<T> ReadAsync<T>(
        OwnerId? owner,
        Func<PostgresSession, Task<T>> work,
        CancellationToken cancellation
    ) =>
        owner is { } one
            ? database.ReadOwnerAsync(one, work, cancellation)
            : database.ReadAsync(work, cancellation);

    private Task<IReadOnlyCollection<OwnerCheck>> CheckAsync(
        Guid[] group,
        OwnerId? owner,
        PostgresTables tables,
        CancellationToken cancellation
    ) =>
        ReadAsync<IReadOnlyCollection<OwnerCheck>>(
            owner,
            async session =>
            {
                var heads = await session.ListAsync(
                    PostgresHeads.SelectMany(group.Select(id => new OwnerId(id))),
                    PostgresHeads.Read
                );
                var checks = heads.ToDictionary(
                    pair => pair.Owner.Value,
                    pair => new OwnerCheck(pair.Owner, pair.Head, tables)
                );
                await TakeHistoryAsync(session, group, tables, checks);
                await TakeRowsAsync(session, group, tables, checks);
                foreach (var check in checks.Values)
                    check.End();
                return checks.Values;
            },
            cancellation
        );

    private static async Task TakeHistoryAsync(
        PostgresSession session,
        Guid[] group,
        PostgresTables tables,
        Dictionary<Guid, OwnerCheck> checks
    )
    {
        var epochs = await session.ListAsync(
            new(Epochs, Of(group)),
            row => (Owner: row.GetGuid(2), Start: PostgresHeads.ReadEpoch(row))
        );
        foreach (var (owner, check) in checks)
            check.TakeEpochs([.. epochs.Where(e => e.Owner == owner).Select(e => e.Start)]);
        await session.ReadAsync(
            [PostgresCursors.SelectAll(group), PostgresLog.SelectAll(group)],
            (i, row) =>
            {
                if (i == 0)
                    checks[row.GetGuid(PostgresCursors.Columns)]
                        .TakeDevice(PostgresCursors.Read(row));
                else
                    checks[row.GetGuid(PostgresLog.ColumnCount)]
                        .TakeEntry(PostgresLog.Read(row, tables));
            }
        );
    }

    private static async Task TakeRowsAsync(
        PostgresSession session,
        Guid[] group,
        PostgresTables tables,
        Dictionary<Guid, OwnerCheck> checks
    )
    {
        await session.ReadAsync(
            [.. tables.All.Select(table => table.SelectAll(group))],
            (i, reader) =>
            {
                var (owner, row) = tables.All[i].Read(reader);
                if (checks.TryGetValue(owner.Value, out var check))
                    check.TakeRow(row);
            }
        );
        var references = (
            from table in tables.All
            from field in table.Type.Fields
            where field.References is not null
            select (Table: table, Field: field)
        ).ToList();
        await session.ReadAsync(
            [
                .. references.Select(item => new Statement(
                    SelectOrphans(item.Table, item.Field, tables[item.Field.References!]),
                    Of(group)
                )),
            ],
            (i, row) =>
                checks[row.GetGuid(0)]
                    .TakeOrphan(
                        new RowKey(references[i].Table.Type.Name, row.GetGuid(1)),
                        references[i].Field.Name
                    )
        );
    }

    /// <summary>Live rows of owners <c>$1</c> that refer to none or to a deleted one: owner and id.</summary>
    private static string SelectOrphans(PostgresTable table, Field field, PostgresTable parent) =>
        $"""
            select t.owner_id, t.id from {table.Name} t
            left join {parent.Name} p
                on p.owner_id = t.owner_id and p.id = t.{field.Column()} and p.deleted_at is null
            where t.owner_id = any ($1) and t.deleted_at is null
                and t.{field.Column()} is not null and p.id is null
            """;
}
