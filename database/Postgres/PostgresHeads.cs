using Npgsql;
using Orchestra.Sync;
using Orchestra.Sync.Store;
using static Orchestra.Database.Postgres.PostgresValues;

namespace Orchestra.Database.Postgres;

/// <summary>An owner's head with what only this store knows of it.</summary>
internal sealed record StoredHead(OwnerHead Head, LogMonths Months);

/// <summary>The owners' counters, and the fence that every commit must pass.</summary>
internal static class PostgresHeads
{
    private const string Select = """
        select owner_id, commit_no, version, epoch, digest, live_rows, last_commit_at,
            log_horizon, tombstone_horizon, first_month, month_starts
        from orchestra.sync_head
        where owner_id = any ($1)
        """;

    private const string SelectEpochs = """
        select epoch, kept from orchestra.sync_epoch where owner_id = $1 order by epoch
        """;

    /// <summary>
    /// Takes every owner's next commit number, or does not. The heads are locked first, in order and
    /// without waiting: two batches with the same owners cannot wait for each other, and a head that
    /// somebody holds delays nobody else. The batch's id marks the heads that passed; the batch's
    /// other statements write for those and no other.
    /// </summary>
    private const string Fence = """
        with asked as (
            select * from unnest($1::uuid[], $2::bigint[], $3::bigint[], $4::bigint[], $5::bigint[],
                $6::bigint[], $7::timestamptz[], $8::bigint[], $9::bigint[], $10::integer[])
                as a (owner_id, expected, version, epoch, digest, live_rows, at, log_horizon,
                    tombstone_horizon, month)
        ),
        locked as (
            select owner_id from orchestra.sync_head
            where owner_id = any ($1)
            order by owner_id
            for no key update {wait}
        ),
        moved as (
            update orchestra.sync_head h
            set commit_no = a.expected + 1, commit_id = $11, version = a.version,
                digest = a.digest, live_rows = a.live_rows,
                last_commit_at = greatest(h.last_commit_at, a.at),
                log_horizon = a.log_horizon, tombstone_horizon = a.tombstone_horizon,
                month_starts = h.month_starts || array_fill(
                    h.version + 1,
                    array[greatest(a.month - h.first_month + 1 - cardinality(h.month_starts), 0)]
                )
            from asked a join locked l on l.owner_id = a.owner_id
            where h.owner_id = a.owner_id and h.commit_no = a.expected and h.epoch = a.epoch
            returning h.owner_id
        ),
        made as (
            insert into orchestra.sync_head (owner_id, commit_no, commit_id, version, epoch, digest,
                live_rows, last_commit_at, log_horizon, tombstone_horizon, first_month, month_starts)
            select owner_id, 1, $11, version, epoch, digest, live_rows, at, log_horizon,
                tombstone_horizon, month, array[1]
            from asked where expected = 0
            order by owner_id
            on conflict (owner_id) do nothing
            returning owner_id
        )
        select a.owner_id,
            case
                when moved.owner_id is not null or made.owner_id is not null then 'committed'
                when a.expected > 0 and h.owner_id is not null and locked.owner_id is null then 'busy'
                else 'lost'
            end,
            orchestra.sync_require_clock(a.at)
        from asked a
        left join locked on locked.owner_id = a.owner_id
        left join moved on moved.owner_id = a.owner_id
        left join made on made.owner_id = a.owner_id
        left join orchestra.sync_head h on h.owner_id = a.owner_id
        """;

    /// <summary>
    /// Keeps of a batch's rows those whose head passed, as <c>h</c>. A lookup a row, remembered by
    /// owner: in a plain join the planner takes every row for another owner's, and from some hundred
    /// on it would rather read the heads of everybody.
    /// </summary>
    /// <param name="rows">Has <c>owner_id</c>.</param>
    /// <param name="batch">The number of the parameter with the batch's id.</param>
    public static string JoinPassed(string rows, int batch) =>
        $"""
            cross join lateral (
                select h.last_commit_at from orchestra.sync_head h
                where h.owner_id = {rows}.owner_id and h.commit_id = ${batch}
                offset 0
            ) h
            """;

    private static readonly string FenceAtOnce = Fence.Replace(
        "{wait}",
        "skip locked",
        StringComparison.Ordinal
    );

    private static readonly string FenceWaiting = Fence.Replace(
        "{wait}",
        "",
        StringComparison.Ordinal
    );

    /// <summary>Read with <see cref="Read"/>.</summary>
    public static Statement SelectMany(IEnumerable<OwnerId> owners) =>
        new(Select, Of(owners.Select(owner => owner.Value).ToArray()));

    /// <summary>Epoch and kept, in order.</summary>
    public static Statement SelectEpochsOf(OwnerId owner) => new(SelectEpochs, Of(owner.Value));

    /// <summary>Answers with each owner and what became of him.</summary>
    public static Statement Pass(IReadOnlyList<OwnerCommit> commits, Guid batch, bool wait) =>
        new(
            wait ? FenceWaiting : FenceAtOnce,
            Array(commits, commit => commit.Owner.Value),
            Array(commits, commit => commit.ExpectedCommitNo),
            Array(commits, commit => commit.Head.Version),
            Array(commits, commit => commit.Head.Epoch),
            Array(commits, commit => unchecked((long)commit.Head.Digest)),
            Array(commits, commit => commit.Head.Rows),
            Times(commits, commit => commit.Head.LastCommitAt),
            Array(commits, commit => commit.Head.LogHorizon),
            Array(commits, commit => commit.Head.TombstoneHorizon),
            Array(commits, commit => LogMonths.NumberOf(commit.Head.LastCommitAt)),
            Of(batch)
        );

    public static CommitOutcome ReadOutcome(NpgsqlDataReader row) =>
        row.GetString(1) switch
        {
            "committed" => CommitOutcome.Committed,
            "busy" => CommitOutcome.Busy,
            _ => CommitOutcome.FenceLost,
        };

    public static (OwnerId Owner, StoredHead Head) Read(NpgsqlDataReader row) =>
        (
            new OwnerId(row.GetGuid(0)),
            new StoredHead(
                new OwnerHead(
                    row.GetInt64(1),
                    row.GetInt64(2),
                    row.GetInt64(3),
                    unchecked((ulong)row.GetInt64(4)),
                    row.GetInt64(5),
                    row.GetTime(6),
                    row.GetInt64(7),
                    row.GetInt64(8)
                ),
                new LogMonths(row.GetInt32(9), row.GetFieldValue<long[]>(10))
            )
        );

    public static EpochStart ReadEpoch(NpgsqlDataReader row) =>
        new(row.GetInt64(0), row.GetInt64(1));
}
