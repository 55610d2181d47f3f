using Orchestra.Sync.Errors;
using Orchestra.Sync.Store;

namespace Orchestra.Sync.Decisions;

/// <summary>
/// The working state of one commit: gives versions, keeps log, digest and conflicts in step with
/// the rows.
/// </summary>
internal sealed class Batch(OwnerHead head, RowSpace rows, DateTimeOffset at)
{
    /// <summary>
    /// Rows written or looked at by deletions, for one commit, unless a single change or transaction
    /// has more.
    /// </summary>
    private const int MostWork = 20_000;

    private static readonly Rejection TooLarge = new(
        ErrorCode.BatchTooLarge,
        "Its transaction writes too many rows, what its deletions take along included",
        "tx"
    );

    private readonly List<LogEntry> log = [];
    private readonly ConflictJournal conflicts = new(at);
    private long version = head.Version;
    private ulong digest = head.Digest;
    private long liveRows = head.Rows;
    private int units;
    private long spent;

    /// <summary>
    /// Whether it has become more work than one commit should be, and could be less: a few changes can
    /// delete and revive thousands of rows each, and then be undone.
    /// </summary>
    public bool IsTooHeavy => units > 1 && spent > MostWork;

    /// <summary>Counts work that leaves nothing in the log.</summary>
    /// <param name="rows">Rows that were looked at.</param>
    public void Spend(int rows) => spent += rows;

    /// <summary>Decides one change and carries it out; touches nothing if it is rejected.</summary>
    public Verdict TakeAlone(Attempt attempt)
    {
        units++;
        return Take(attempt);
    }

    private Verdict Take(Attempt attempt)
    {
        var (change, sent, knowledge) = attempt;
        if (change.Rejection is { } rejection)
            return Reject(change, sent, rejection);
        if (change.Sent.Op == ChangeOp.Void)
            return new(change.Sent.Seq, ChangeStatus.Void);
        var past = rows.PastOf(change.Row);
        spent += past.Writes.Count / DecisionWork.WritesARow;
        var before = past.Row;
        if (before is null && !change.CanCreate)
            return Reject(change, sent, new(ErrorCode.RowGone, "There is no such row", "id"));

        var resolution = Resolution.Of(past, change, sent, knowledge);
        var after = Fold.Of(before, change, resolution, version + 1, at);
        if (FindMissingParent(before, after, resolution) is { } field)
            return Reject(
                change,
                sent,
                new(ErrorCode.ParentMissing, "It refers to no live row", field)
            );

        Write(before, after, resolution.Stamp, change.Sent.Id, resolution.Won, rootVersion: null);
        var verdict = Judge(change, after, resolution);
        conflicts.Note(change, resolution, verdict, version);
        if (before is { IsLive: true } && !after.IsLive)
            Cascade.Delete(this, rows, after, change.Sent.Id, resolution.Stamp);
        else if (before is { IsLive: false, RootVersion: { } root } && after.IsLive)
            Cascade.Revive(this, rows, after, change.Sent.Id, resolution.Stamp, root);
        return verdict;
    }

    /// <summary>Decides changes that stand or fall together.</summary>
    public IReadOnlyList<Verdict> TakeTogether(IReadOnlyList<Attempt> attempts)
    {
        var (versionBefore, digestBefore, rowsBefore) = (version, digest, liveRows);
        var (logBefore, conflictsBefore) = (log.Count, conflicts.Count);
        units++;
        rows.Begin();
        var verdicts = new List<Verdict>(attempts.Count);
        foreach (var attempt in attempts)
            verdicts.Add(
                log.Count - logBefore > Limits.TransactionEntries
                    ? new(attempt.Change.Sent.Seq, ChangeStatus.Rejected, Rejection: TooLarge)
                    : Take(attempt)
            );
        if (verdicts.TrueForAll(verdict => verdict.Rejection is null))
        {
            for (var i = logBefore; i < log.Count; i++)
                log[i] = log[i] with { TxEnd = version };
            rows.End();
            return verdicts;
        }
        rows.Undo();
        (version, digest, liveRows) = (versionBefore, digestBefore, rowsBefore);
        log.RemoveRange(logBefore, log.Count - logBefore);
        conflicts.CutTo(conflictsBefore);
        var together = new Rejection(
            ErrorCode.TransactionRejected,
            "Another change of its transaction was rejected",
            "tx"
        );
        return
        [
            .. attempts.Select(
                (item, i) => Reject(item.Change, item.Sent, verdicts[i].Rejection ?? together)
            ),
        ];
    }

    /// <summary>A row goes with the one it refers to.</summary>
    /// <param name="child">The row.</param>
    /// <param name="stamp">Above its own.</param>
    /// <param name="change">The deletion.</param>
    /// <param name="root">The version of that.</param>
    public void Delete(Row child, Stamp stamp, ChangeId change, long root) =>
        Write(child, Fold.Delete(child, stamp, version + 1, root, at), stamp, change, [], root);

    /// <summary>A row comes back with the one it refers to.</summary>
    /// <param name="child">The row.</param>
    /// <param name="stamp">Above its own.</param>
    /// <param name="change">What brought the other back.</param>
    /// <param name="root">The version of that.</param>
    public void Revive(Row child, Stamp stamp, ChangeId change, long root) =>
        Write(child, Fold.Revive(child, stamp, version + 1, at), stamp, change, [], root);

    /// <summary>One row takes the next version.</summary>
    /// <param name="before">The row as it was; null if there was none.</param>
    /// <param name="after">As it is then.</param>
    /// <param name="stamp">The write's.</param>
    /// <param name="change">The change behind it.</param>
    /// <param name="won">The fields it wrote.</param>
    /// <param name="rootVersion">For a cascade: the version that caused it.</param>
    private void Write(
        Row? before,
        Row after,
        Stamp stamp,
        ChangeId change,
        Dictionary<string, FieldValue> won,
        long? rootVersion
    )
    {
        spent++;
        version++;
        Invariant.Require(version <= Limits.MaxInteger);
        digest ^= Digest.Of(before) ^ Digest.Of(after);
        liveRows += (after.IsLive ? 1 : 0) - (before is { IsLive: true } ? 1 : 0);

        var revives = before is { IsLive: false } && after.IsLive;
        var op =
            !after.IsLive ? LogOp.Delete
            : revives ? LogOp.Revive
            : LogOp.Put;
        log.Add(
            new(
                version,
                after.Key,
                op,
                stamp,
                after.Stamp.EditedAt,
                change,
                rootVersion,
                TxEnd: null,
                revives ? after.Fields : won,
                revives ? [.. won.Keys] : null,
                at
            )
        );
        rows.Write(
            after,
            new(after.Key, version, stamp, after.Stamp.EditedAt, change, op, won.Keys)
        );
    }

    /// <summary>What the batch amounts to, under a new head.</summary>
    public OwnerCommit ToCommit(OwnerId owner, IReadOnlyList<DeviceCursor> cursors) =>
        new(
            owner,
            head.CommitNo,
            head with
            {
                CommitNo = head.CommitNo + 1,
                Version = version,
                Digest = digest,
                Rows = liveRows,
                LastCommitAt = at,
            },
            rows.Folded(),
            log,
            cursors,
            conflicts.All
        );

    /// <summary>
    /// The first field that would leave a live row without its parent, or a deleted one without
    /// even the parent's tombstone.
    /// </summary>
    private string? FindMissingParent(Row? before, Row after, in Resolution resolution)
    {
        var appears = after.IsLive && before is not { IsLive: true };
        foreach (var (field, parent) in rows.ParentsOf(after))
        {
            if (!appears && !resolution.Won.ContainsKey(field))
                continue;
            var found = rows.Find(parent);
            if (after.IsLive ? found is not { IsLive: true } : found is null)
                return field;
        }
        return null;
    }

    private Verdict Judge(CheckedChange change, Row after, in Resolution resolution)
    {
        var seq = change.Sent.Seq;
        if (change.IsDelete)
            return new(seq, after.IsLive ? ChangeStatus.Superseded : ChangeStatus.Applied, version);
        var allLost = resolution.Won.Count == 0 && resolution.Lost.Count > 0;
        var status =
            !after.IsLive || allLost ? ChangeStatus.Superseded
            : resolution.Lost.Count > 0 ? ChangeStatus.Merged
            : ChangeStatus.Applied;
        return new(
            seq,
            status,
            version,
            resolution.Lost.Count == 0 || !after.IsLive
                ? null
                : resolution.Lost.ToDictionary(name => name, name => after[name])
        );
    }

    private Verdict Reject(CheckedChange change, Stamp sent, Rejection rejection)
    {
        conflicts.Reject(change, sent, rejection);
        return new(change.Sent.Seq, ChangeStatus.Rejected, Rejection: rejection);
    }
}

/// <summary>A change about to be decided.</summary>
/// <param name="Change">What is asked.</param>
/// <param name="Sent">Its stamp, before it is raised.</param>
/// <param name="Knowledge">What its device knew.</param>
internal readonly record struct Attempt(CheckedChange Change, Stamp Sent, Knowledge Knowledge);
