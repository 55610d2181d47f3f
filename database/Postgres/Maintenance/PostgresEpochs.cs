using Npgsql;
using Orchestra.Database.Schema;
using Orchestra.Sync;
using Orchestra.Sync.Errors;
using Orchestra.Sync.Store;
using static Orchestra.Database.Postgres.PostgresValues;

namespace Orchestra.Database.Postgres.Maintenance;

/// <summary>
/// Begins a new epoch after the database was restored to an earlier moment. Devices may have seen
/// versions that are gone and will be given again: a cursor of the old epoch is reset, and told up to
/// which version what it has still stands.
/// </summary>
public sealed class PostgresEpochs(string connectionString, TimeProvider time) : IOwnerEpochs
{
    private const int Batch = 500;

    /// <summary>How often a batch with a held head is tried.</summary>
    private const int Attempts = 3;

    private static readonly IProgress<long> Unheard = new Progress<long>();

    private const string Bump = """
        with due as (
            select owner_id from orchestra.sync_head
            where owner_id {cursor} $1 and ($2::uuid[] is null or owner_id = any ($2))
            order by owner_id limit $3
            for no key update
        ),
        bumped as (
            update orchestra.sync_head h
            set epoch = greatest($4, h.epoch + 1), commit_no = h.commit_no + 1, commit_id = $5
            from due where h.owner_id = due.owner_id
            returning h.owner_id, h.epoch, h.version
        ),
        noted as (
            insert into orchestra.sync_epoch (owner_id, epoch, kept)
            select owner_id, epoch, version from bumped
        )
        select owner_id from bumped order by owner_id
        """;

    private const string Count = """
        select count(*) from orchestra.sync_head where $1::uuid[] is null or owner_id = any ($1)
        """;

    /// <summary>How many owners it would be; changes nothing.</summary>
    /// <exception cref="SchemaException">It failed; the sentence says what to do.</exception>
    public Task<long> CountAsync(OwnerId? owner, CancellationToken cancellation) =>
        RunAsync(
            async maintenance =>
                (
                    await maintenance.Session.ListAsync(
                        new(Count, Some(owner)),
                        row => row.GetInt64(0)
                    )
                )[0],
            cancellation
        );

    public async Task<bool> BeginAsync(OwnerId owner, CancellationToken cancellation)
    {
        try
        {
            return await BumpAsync(owner, Unheard, cancellation) == 1;
        }
        catch (SchemaException e)
        {
            throw new SyncException(ErrorCode.Overloaded, e.Message);
        }
    }

    /// <param name="owner">Null = all.</param>
    /// <param name="progress">Hears how many are done.</param>
    /// <param name="cancellation">Stops between two batches.</param>
    /// <returns>How many owners.</returns>
    /// <exception cref="SchemaException">It failed; the sentence says what to do.</exception>
    public Task<long> BumpAsync(
        OwnerId? owner,
        IProgress<long> progress,
        CancellationToken cancellation
    ) =>
        RunAsync(
            async maintenance =>
            {
                var done = 0L;
                var cursor = OwnerCursor.Start;
                List<Guid> bumped;
                do
                {
                    cancellation.ThrowIfCancellationRequested();
                    bumped = await BumpAsync(maintenance, cursor, owner, done);
                    done += bumped.Count;
                    progress.Report(done);
                    if (bumped.Count > 0)
                        cursor = OwnerCursor.After(bumped[^1]);
                } while (bumped.Count == Batch);
                return done;
            },
            cancellation
        );

    private async Task<List<Guid>> BumpAsync(
        MaintenanceSession maintenance,
        OwnerCursor cursor,
        OwnerId? owner,
        long done
    )
    {
        for (var attempt = 1; ; attempt++)
            try
            {
                return await maintenance.Session.ListAsync(
                    new(
                        Bump.Replace("{cursor}", cursor.Condition, StringComparison.Ordinal),
                        Of(cursor.Last),
                        Some(owner),
                        Of((long)Batch),
                        Of(time.GetUtcNow().ToUnixTimeMilliseconds()),
                        Of(Guid.CreateVersion7())
                    ),
                    row => row.GetGuid(0)
                );
            }
            catch (PostgresException e) when (e.SqlState == PostgresErrorCodes.LockNotAvailable)
            {
                if (attempt == Attempts)
                    throw new SchemaException(
                        $"Somebody holds an owner's head; {done} owners have a new epoch. Stop all "
                            + "silos of this database, then run it again: twice does no harm"
                    );
            }
    }

    private async Task<long> RunAsync(
        Func<MaintenanceSession, Task<long>> work,
        CancellationToken cancellation
    )
    {
        await using var maintenance =
            await MaintenanceSession.TryOpenAsync(connectionString, cancellation)
            ?? throw new SchemaException(
                "Maintenance of this database is under way elsewhere; stop the silos or wait for it"
            );
        try
        {
            return await work(maintenance);
        }
        catch (Exception e) when (PostgresDatabase.IsOfDatabase(e))
        {
            throw MaintenanceSession.Explain(e);
        }
    }

    private static NpgsqlParameter Some(OwnerId? owner) =>
        Of<Guid[]?>(owner is { } one ? [one.Value] : null);
}
