using Microsoft.Data.Sqlite;
using Orchestra.Sync;
using Orchestra.Sync.Store;

namespace Orchestra.Database.Sqlite;

/// <summary>The owners' counters, and the fence that every commit must pass.</summary>
internal static class SqliteHeads
{
    private const string Select = """
        select owner_id, commit_no, version, epoch, digest, live_rows, last_commit_at,
            log_horizon, tombstone_horizon
        from sync_head
        where owner_id in (select value from json_each(@owners))
        """;

    private const string SelectEpochs =
        "select epoch, kept from sync_epoch where owner_id = @owner order by epoch";

    private const string Insert = """
        insert into sync_head (owner_id, commit_no, version, epoch, digest, live_rows,
            last_commit_at, log_horizon, tombstone_horizon)
        values (@owner, @commit, @version, @epoch, @digest, @rows, @at, @log, @tombstones)
        on conflict do nothing
        """;

    private const string Update = """
        update sync_head
        set commit_no = @commit, version = @version, digest = @digest, live_rows = @rows,
            last_commit_at = @at, log_horizon = @log, tombstone_horizon = @tombstones
        where owner_id = @owner and epoch = @epoch and commit_no = @commit - 1
        """;

    public static OwnerHead? Find(SqliteSession session, OwnerId owner) =>
        ReadMany(session, [owner]).GetValueOrDefault(owner);

    public static Dictionary<OwnerId, OwnerHead> ReadMany(
        SqliteSession session,
        IEnumerable<OwnerId> owners
    ) =>
        session
            .List(
                Select,
                row => (Owner: new OwnerId(row.GetUuid(0)), Head: Read(row)),
                ("@owners", JsonIds.Write(owners.Select(owner => owner.Value)))
            )
            .ToDictionary(pair => pair.Owner, pair => pair.Head);

    public static List<EpochStart> ReadEpochs(SqliteSession session, OwnerId owner) =>
        session.List(
            SelectEpochs,
            row => new EpochStart(row.GetInt64(0), row.GetInt64(1)),
            ("@owner", owner.Value.ToColumn())
        );

    /// <summary>Takes the owner's next commit number.</summary>
    /// <returns>Whether it was still to be had; if not, nothing was written.</returns>
    public static bool Pass(SqliteSession session, OwnerCommit commit)
    {
        var head = commit.Head;
        var passed = session.Execute(
            commit.ExpectedCommitNo == 0 ? Insert : Update,
            ("@owner", commit.Owner.Value.ToColumn()),
            ("@commit", head.CommitNo),
            ("@version", head.Version),
            ("@epoch", head.Epoch),
            ("@digest", unchecked((long)head.Digest)),
            ("@rows", head.Rows),
            ("@at", head.LastCommitAt.ToColumn()),
            ("@log", head.LogHorizon),
            ("@tombstones", head.TombstoneHorizon)
        );
        return passed == 1;
    }

    private static OwnerHead Read(SqliteDataReader row) =>
        new(
            row.GetInt64(1),
            row.GetInt64(2),
            row.GetInt64(3),
            unchecked((ulong)row.GetInt64(4)),
            row.GetInt64(5),
            row.GetTime(6),
            row.GetInt64(7),
            row.GetInt64(8)
        );
}
