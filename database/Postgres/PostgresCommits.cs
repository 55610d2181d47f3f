using Npgsql;
using Orchestra.Sync;
using Orchestra.Sync.Store;

namespace Orchestra.Database.Postgres;

/// <summary>
/// Commits a batch of owners in as few transactions as their data allows: one, unless somebody's
/// data cannot be stored. Then the batch is halved until that owner is alone.
/// </summary>
internal sealed class PostgresCommits
{
    private readonly PostgresDatabase database;
    private readonly PostgresTables tables;
    private readonly IReadOnlyList<OwnerCommit> commits;
    private readonly bool wait;
    private readonly CommitOutcome[] outcomes;
    private bool mayBeDurable;

    private PostgresCommits(
        PostgresDatabase database,
        PostgresTables tables,
        IReadOnlyList<OwnerCommit> commits,
        bool wait
    )
    {
        this.database = database;
        this.tables = tables;
        this.commits = commits;
        this.wait = wait;
        outcomes = new CommitOutcome[commits.Count];
    }

    /// <param name="database">Where.</param>
    /// <param name="tables">The entity types.</param>
    /// <param name="commits">Decisions, in the order in which an owner's build on each other.</param>
    /// <param name="wait">Whether to wait for heads that somebody holds, up to the lock timeout.</param>
    /// <param name="cancellation">Stops before the first transaction begins, not later.</param>
    /// <exception cref="Sync.Errors.SyncException">Nothing happened.</exception>
    public static async Task<IReadOnlyList<CommitOutcome>> RunAsync(
        PostgresDatabase database,
        PostgresTables tables,
        IReadOnlyList<OwnerCommit> commits,
        bool wait,
        CancellationToken cancellation
    )
    {
        cancellation.ThrowIfCancellationRequested();
        var run = new PostgresCommits(database, tables, commits, wait);
        foreach (var wave in Waves(commits))
            await run.SettleAsync(wave);
        return run.outcomes;
    }

    /// <summary>A transaction has an owner once: a second commit of his comes after it.</summary>
    private static IEnumerable<int[]> Waves(IReadOnlyList<OwnerCommit> commits) =>
        Enumerable
            .Range(0, commits.Count)
            .GroupBy(i => commits[i].Owner)
            .SelectMany(own => own.Select((index, turn) => (index, turn)))
            .GroupBy(item => item.turn, item => item.index)
            .OrderBy(wave => wave.Key)
            .Select(wave => wave.Order().ToArray());

    private async Task SettleAsync(int[] part)
    {
        try
        {
            await CommitTogetherAsync(part);
        }
        catch (Exception e) when (PostgresFailure.IsRefusal(e) && part.Length == 1)
        {
            outcomes[part[0]] = CommitOutcome.Refused;
        }
        catch (Exception e) when (PostgresFailure.IsRefusal(e))
        {
            await SettleAsync(part[..(part.Length / 2)]);
            await SettleAsync(part[(part.Length / 2)..]);
        }
        // What may be durable already cannot be taken back, so the rest has to come again.
        catch (Exception e) when (PostgresDatabase.IsOfDatabase(e))
        {
            var fault = database.Translate(e);
            if (!mayBeDurable)
                throw fault;
            Settle(part, CommitOutcome.Busy);
        }
    }

    private async Task CommitTogetherAsync(int[] part)
    {
        OwnerCommit[] together = [.. part.Select(i => commits[i])];
        foreach (var commit in together)
            RequireContinuous(commit);
        try
        {
            await database.TryAsync(() => WriteAsync(part, together));
        }
        catch (PostgresException e) when (PostgresFailure.IsMissingMonth(e))
        {
            await MakeMonthsAsync(together);
            await database.TryAsync(() => WriteAsync(part, together));
        }
    }

    private async Task WriteAsync(int[] part, OwnerCommit[] together)
    {
        await using var connection = await database.ConnectAsync(CancellationToken.None);
        await using var batch = CommitBatch.Of(
            connection,
            tables,
            together,
            Guid.CreateVersion7(),
            wait
        );
        await batch.PrepareAsync();
        var passed = new Dictionary<OwnerId, CommitOutcome>(part.Length);
        try
        {
            await using var reader = await batch.ExecuteReaderAsync();
            while (await reader.ReadAsync())
                passed[new OwnerId(reader.GetGuid(0))] = PostgresHeads.ReadOutcome(reader);
            while (await reader.NextResultAsync()) { }
        }
        catch (Exception e) when (PostgresFailure.LeavesCommitUnknown(e))
        {
            StoreMeter.Count(StoreFailure.CommitUnknown);
            DatabaseLog.CommitUnknown(database.Logger, part.Length);
            database.ForgetConnections();
            mayBeDurable = true;
            Settle(part, CommitOutcome.Unknown);
            return;
        }
        // Somebody holds a head for longer than it is waited for.
        catch (PostgresException e) when (wait && e.SqlState == PostgresErrorCodes.LockNotAvailable)
        {
            Settle(part, CommitOutcome.Busy);
            return;
        }
        mayBeDurable |= passed.ContainsValue(CommitOutcome.Committed);
        foreach (var i in part)
            outcomes[i] = passed[commits[i].Owner];
    }

    /// <summary>Usually there is one month, and maintenance made it long ago.</summary>
    private async Task MakeMonthsAsync(OwnerCommit[] together)
    {
        await using var connection = await database.ConnectAsync(CancellationToken.None);
        var session = new PostgresSession(connection);
        var months = together
            .SelectMany(commit => commit.Log)
            .Select(entry => LogMonths.NumberOf(entry.CreatedAt))
            .Distinct();
        foreach (var month in months.Select(LogMonths.StartOf))
        {
            var made = await session.ListAsync(
                new(
                    "select orchestra_log.make_month($1)",
                    PostgresValues.Of(DateOnly.FromDateTime(month.UtcDateTime))
                ),
                row => row.GetBoolean(0)
            );
            if (!made[0])
                continue;
            StoreMeter.Count(StoreFailure.MonthMissing);
            DatabaseLog.MonthWasMissing(database.Logger, month);
        }
    }

    private void Settle(int[] part, CommitOutcome outcome)
    {
        foreach (var i in part)
            outcomes[i] = outcome;
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
