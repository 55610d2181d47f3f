using Orchestra.Sync.Catalog;
using static Orchestra.Database.Postgres.PostgresValues;

namespace Orchestra.Database.Postgres.Maintenance;

/// <summary>
/// Collects the tombstones that are old enough, owner by owner. In one transaction the owner's
/// horizon is raised above them and they go: a device that has not heard of them is told to reset.
/// </summary>
internal sealed class TombstoneCollection(
    MaintenanceSession maintenance,
    PostgresTables tables,
    DateTimeOffset before
)
{
    /// <summary>Index entries read at a time, to find owners.</summary>
    private const int Page = 1_000;

    /// <summary>Owners whose heads are held at the same time.</summary>
    private const int Owners = 100;

    /// <summary>Rows that one transaction deletes, roughly.</summary>
    private const int Rows = 5_000;

    /// <summary>Held owners who are waited for at the end; the others have to wait for a later run.</summary>
    private const int Waits = 100;

    private const string Lock = """
        select owner_id from orchestra.sync_head where owner_id = any ($1)
        order by owner_id for no key update {wait}
        """;

    private const string Raise = """
        update orchestra.sync_head h
        set tombstone_horizon = greatest(h.tombstone_horizon, gone.version),
            commit_no = h.commit_no + 1, commit_id = $3
        from unnest($1::uuid[], $2::bigint[]) as gone (owner_id, version)
        where h.owner_id = gone.owner_id
        """;

    private readonly HashSet<Guid> held = [];

    public long Collected { get; private set; }

    public int Held => held.Count;

    public async Task RunAsync(CancellationToken cancellation)
    {
        foreach (var table in tables.All)
            await CollectFromAsync(table, cancellation);
        foreach (var owner in held.Take(Waits).ToList())
        {
            cancellation.ThrowIfCancellationRequested();
            held.Remove(owner);
            await CollectAsync([owner], "", cancellation);
        }
    }

    /// <summary>
    /// Walks along the index of tombstones by age. The owners met are done with in all tables, so
    /// later tables find little left.
    /// </summary>
    private async Task CollectFromAsync(PostgresTable table, CancellationToken cancellation)
    {
        var (at, last) = (DateTimeOffset.MinValue, Guid.Empty);
        List<(DateTimeOffset At, Guid Owner)> found;
        do
        {
            found = await maintenance.Session.ListAsync(
                new(
                    TombstoneStatements.Select(table),
                    Of(before),
                    Of(at),
                    Of(last),
                    Of((long)Page)
                ),
                row => (row.GetTime(0), row.GetGuid(1))
            );
            foreach (var owners in found.Select(pair => pair.Owner).Distinct().Chunk(Owners))
                await CollectAsync(owners, "skip locked", cancellation);
            if (found.Count > 0)
                (at, last) = found[^1];
        } while (found.Count == Page);
    }

    private async Task CollectAsync(Guid[] owners, string wait, CancellationToken cancellation)
    {
        int deleted;
        do
        {
            cancellation.ThrowIfCancellationRequested();
            deleted = await TryCollectAsync(owners, wait);
            Collected += deleted;
        } while (deleted >= Rows);
    }

    private async Task<int> TryCollectAsync(Guid[] owners, string wait)
    {
        try
        {
            return await maintenance.TogetherAsync(async session =>
            {
                var locked = await session.ListAsync(
                    new(Lock.Replace("{wait}", wait, StringComparison.Ordinal), Of(owners)),
                    row => row.GetGuid(0)
                );
                held.UnionWith(owners.Except(locked));
                var horizons = new Dictionary<Guid, long>();
                var deleted = await DeleteAsync(session, [.. locked], horizons);
                if (horizons.Count > 0)
                    await session.ExecuteAsync(
                        new(
                            Raise,
                            Of(horizons.Keys.ToArray()),
                            Of(horizons.Values.ToArray()),
                            Of(Guid.CreateVersion7())
                        )
                    );
                return deleted;
            });
        }
        catch (Npgsql.PostgresException e)
            when (e.SqlState == Npgsql.PostgresErrorCodes.LockNotAvailable)
        {
            held.UnionWith(owners);
            return 0;
        }
    }

    /// <summary>
    /// Children's tables before their parents', and a table that refers to itself again and again
    /// until nothing is left that nobody refers to. What a newer row still refers to stays, and so
    /// would tombstones that refer to each other in a circle.
    /// </summary>
    private async Task<int> DeleteAsync(
        PostgresSession session,
        Guid[] owners,
        Dictionary<Guid, long> horizons
    )
    {
        var deleted = 0;
        foreach (var table in tables.All.Reverse())
        {
            var statement = TombstoneStatements.Delete(table, ReferencesTo(table));
            List<(Guid Owner, long Version)> gone;
            do
            {
                gone =
                    deleted >= Rows
                        ? []
                        : await session.ListAsync(
                            new(statement, Of(owners), Of(before), Of((long)(Rows - deleted))),
                            row => (row.GetGuid(0), row.GetInt64(1))
                        );
                foreach (var (owner, version) in gone)
                    horizons[owner] = Math.Max(version, horizons.GetValueOrDefault(owner));
                deleted += gone.Count;
            } while (gone.Count > 0);
        }
        return deleted;
    }

    private IEnumerable<(PostgresTable Child, Field Field)> ReferencesTo(PostgresTable table) =>
        tables
            .Catalog.ReferencesTo(table.Type.Name)
            .Select(reference => (tables[reference.Child.Name], reference.Field));
}
