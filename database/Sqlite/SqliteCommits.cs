using Microsoft.Data.Sqlite;
using Orchestra.Sync;
using Orchestra.Sync.Store;

namespace Orchestra.Database.Sqlite;

/// <summary>
/// Commits a batch of owners in as few transactions as their data allows: one, unless somebody's
/// data cannot be stored. Then the batch is halved until that owner is alone.
/// </summary>
internal sealed class SqliteCommits
{
    private readonly SqliteSession session;
    private readonly SqliteTables tables;
    private readonly IReadOnlyList<OwnerCommit> commits;
    private readonly CommitOutcome[] outcomes;
    private bool mayBeDurable;

    private SqliteCommits(
        SqliteSession session,
        SqliteTables tables,
        IReadOnlyList<OwnerCommit> commits
    )
    {
        this.session = session;
        this.tables = tables;
        this.commits = commits;
        outcomes = new CommitOutcome[commits.Count];
    }

    /// <exception cref="SqliteException">Nothing happened.</exception>
    public static IReadOnlyList<CommitOutcome> Run(
        SqliteSession session,
        SqliteTables tables,
        IReadOnlyList<OwnerCommit> commits
    )
    {
        var run = new SqliteCommits(session, tables, commits);
        run.Settle(0, commits.Count);
        return run.outcomes;
    }

    private void Settle(int first, int count)
    {
        if (count == 0)
            return;
        try
        {
            CommitTogether(first, count);
        }
        catch (Exception e) when (SqliteFailure.IsRefusal(e))
        {
            if (count == 1)
            {
                outcomes[first] = CommitOutcome.Refused;
                return;
            }
            var half = count / 2;
            Settle(first, half);
            Settle(first + half, count - half);
        }
        // What may be durable already cannot be taken back, so the rest has to come again.
        catch (SqliteException e) when (mayBeDurable && SqliteFailure.IsUnavailable(e))
        {
            Array.Fill(outcomes, CommitOutcome.Busy, first, count);
        }
    }

    private void CommitTogether(int first, int count)
    {
        session.BeginWriting();
        var isEnding = false;
        try
        {
            for (var i = first; i < first + count; i++)
                outcomes[i] = Write(commits[i]) ? CommitOutcome.Committed : CommitOutcome.FenceLost;
            isEnding = true;
            session.Commit();
            mayBeDurable |= outcomes.AsSpan(first, count).Contains(CommitOutcome.Committed);
        }
        catch (SqliteException e) when (isEnding && SqliteFailure.LeavesCommitUnknown(e))
        {
            outcomes.AsSpan(first, count).Replace(CommitOutcome.Committed, CommitOutcome.Unknown);
            mayBeDurable = true;
        }
        finally
        {
            session.Rollback();
        }
    }

    /// <returns>Whether the fence let it pass; if not, nothing was written.</returns>
    private bool Write(OwnerCommit commit)
    {
        RequireContinuous(commit);
        if (!SqliteHeads.Pass(session, commit))
            return false;
        foreach (var write in commit.Rows)
        {
            var table = tables[write.After.Key.Entity];
            if (write.IsNew)
                table.Insert(session, commit.Owner, write.After);
            else
                table.Update(session, commit.Owner, write.After, write.ChangedFields);
        }
        foreach (var entry in commit.Log)
            SqliteLog.Append(session, commit.Owner, entry);
        foreach (var cursor in commit.Cursors)
            SqliteCursors.Write(session, commit.Owner, cursor, commit.Head.LastCommitAt);
        for (var i = 0; i < commit.Conflicts.Count; i++)
            SqliteConflicts.Append(
                session,
                commit.Owner,
                new ConflictPosition(commit.Head.CommitNo, i),
                commit.Conflicts[i]
            );
        return true;
    }

    /// <summary>A commit that would leave a gap in the history is refused, whoever made it.</summary>
    private static void RequireContinuous(OwnerCommit commit)
    {
        Invariant.Require(commit.Head.CommitNo == commit.ExpectedCommitNo + 1);
        var version = commit.Head.Version - commit.Log.Count;
        foreach (var entry in commit.Log)
            Invariant.Require(entry.Version == ++version);
    }
}
