using System.Runtime.CompilerServices;
using Npgsql;
using static Orchestra.Database.Postgres.PostgresValues;

namespace Orchestra.Database.Postgres.Maintenance;

/// <summary>
/// Says in the owners' heads that the log up to the end of a month may be gone. Each passes the fence,
/// so a commit that was decided on the old horizon does not take effect.
/// </summary>
internal sealed class LogHorizons(MaintenanceSession maintenance)
{
    private const int Batch = 500;

    /// <summary>Held heads that are waited for, one after the other.</summary>
    private const int Waits = 5;

    /// <summary>
    /// The last version of a head <c>h</c> in month <c>$1</c> or before it; 0 if it has none. A head
    /// whose months end before has all its versions there.
    /// </summary>
    private const string Last = """
        case
            when $1 < h.first_month then 0
            when $1 - h.first_month + 2 <= cardinality(h.month_starts)
                then least(h.month_starts[$1 - h.first_month + 2] - 1, h.version)
            else h.version
        end
        """;

    private const string NextOwners = """
        select owner_id from orchestra.sync_head
        where owner_id {cursor} $1
        order by owner_id limit $2
        """;

    private const string Raise = $$"""
        with due as (
            select h.owner_id from orchestra.sync_head h
            where h.owner_id = any ($2) and h.log_horizon < {{Last}}
            order by h.owner_id
            for no key update {wait}
        ),
        raised as (
            update orchestra.sync_head h
            set log_horizon = {{Last}}, commit_no = h.commit_no + 1, commit_id = $3
            where h.owner_id = any (array(select owner_id from due))
            returning h.owner_id
        )
        select count(*) from raised
        """;

    private const string Below = $"""
        select h.owner_id from orchestra.sync_head h
        where h.owner_id = any ($2) and h.log_horizon < {Last}
        """;

    /// <returns>How many were raised.</returns>
    public async Task<long> RaiseAsync(int month, CancellationToken cancellation)
    {
        var raised = 0L;
        await foreach (var owners in OwnersAsync(cancellation))
            raised += await RaiseAsync(month, owners, "skip locked");
        return raised + await RaiseHeldAsync(month, cancellation);
    }

    /// <summary>Owners whose head says that the month is there.</summary>
    public async Task<List<Guid>> BelowAsync(int month, CancellationToken cancellation)
    {
        var below = new List<Guid>();
        await foreach (var owners in OwnersAsync(cancellation))
            below.AddRange(
                await maintenance.Session.ListAsync(
                    new(Below, Of(month), Of(owners.ToArray())),
                    row => row.GetGuid(0)
                )
            );
        return below;
    }

    private async Task<long> RaiseHeldAsync(int month, CancellationToken cancellation)
    {
        var raised = 0L;
        try
        {
            foreach (var owner in (await BelowAsync(month, cancellation)).Take(Waits))
                raised += await RaiseAsync(month, [owner], "");
        }
        catch (PostgresException e) when (e.SqlState == PostgresErrorCodes.LockNotAvailable)
        {
            // Somebody holds it for longer than it is waited for; the month stays until he does not.
        }
        return raised;
    }

    /// <summary>All owners, a batch at a time, in the order of their ids.</summary>
    private async IAsyncEnumerable<List<Guid>> OwnersAsync(
        [EnumeratorCancellation] CancellationToken cancellation
    )
    {
        var cursor = OwnerCursor.Start;
        List<Guid> owners;
        do
        {
            cancellation.ThrowIfCancellationRequested();
            owners = await NextAsync(cursor);
            if (owners.Count == 0)
                yield break;
            yield return owners;
            cursor = OwnerCursor.After(owners[^1]);
        } while (owners.Count == Batch);
    }

    private Task<List<Guid>> NextAsync(OwnerCursor cursor) =>
        maintenance.Session.ListAsync(
            new(
                NextOwners.Replace("{cursor}", cursor.Condition, StringComparison.Ordinal),
                Of(cursor.Last),
                Of((long)Batch)
            ),
            row => row.GetGuid(0)
        );

    private async Task<long> RaiseAsync(int month, List<Guid> owners, string wait)
    {
        var raised = await maintenance.Session.ListAsync(
            new(
                Raise.Replace("{wait}", wait, StringComparison.Ordinal),
                Of(month),
                Of(owners.ToArray()),
                Of(Guid.CreateVersion7())
            ),
            row => row.GetInt64(0)
        );
        return raised[0];
    }
}
