using Npgsql;
using static Orchestra.Database.Postgres.PostgresValues;

namespace Orchestra.Database.Postgres;

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

    private const string Raise = $$"""
        with due as (
            select h.owner_id from orchestra.sync_head h
            where h.owner_id {cursor} $2 and h.log_horizon < {{Last}}
            order by h.owner_id limit $3
            for no key update {wait}
        ),
        raised as (
            update orchestra.sync_head h
            set log_horizon = {{Last}}, commit_no = h.commit_no + 1, commit_id = $4
            from due where h.owner_id = due.owner_id
            returning h.owner_id
        )
        select owner_id from raised order by owner_id
        """;

    private const string Below =
        $"select count(*) from orchestra.sync_head h where h.log_horizon < {Last}";

    /// <returns>How many were raised.</returns>
    public async Task<long> RaiseAsync(int month, CancellationToken cancellation)
    {
        var raised = 0L;
        var cursor = OwnerCursor.Start;
        List<Guid> owners;
        do
        {
            cancellation.ThrowIfCancellationRequested();
            owners = await RaiseAsync(month, cursor, "skip locked", Batch);
            raised += owners.Count;
            if (owners.Count > 0)
                cursor = OwnerCursor.After(owners[^1]);
        } while (owners.Count == Batch);
        return raised + await RaiseHeldAsync(month);
    }

    /// <summary>Owners whose head says that the month is there.</summary>
    public async Task<int> CountBelowAsync(int month) =>
        (int)
            (await maintenance.Session.ListAsync(new(Below, Of(month)), row => row.GetInt64(0)))[0];

    private async Task<long> RaiseHeldAsync(int month)
    {
        var raised = 0L;
        try
        {
            for (var i = 0; i < Waits; i++)
                raised += (await RaiseAsync(month, OwnerCursor.Start, "", 1)).Count;
        }
        catch (PostgresException e) when (e.SqlState == PostgresErrorCodes.LockNotAvailable)
        {
            // Somebody holds it for longer than it is waited for; the month stays until he does not.
        }
        return raised;
    }

    private Task<List<Guid>> RaiseAsync(int month, OwnerCursor cursor, string wait, int limit) =>
        maintenance.Session.ListAsync(
            new(
                Raise
                    .Replace("{cursor}", cursor.Condition, StringComparison.Ordinal)
                    .Replace("{wait}", wait, StringComparison.Ordinal),
                Of(month),
                Of(cursor.Last),
                Of((long)limit),
                Of(Guid.CreateVersion7())
            ),
            row => row.GetGuid(0)
        );
}
