using Npgsql;
using Orchestra.Grains.Interfaces;
using Orchestra.Sync;
using Orchestra.Sync.Store;
using Orchestra.TestKit.Grains;
using Orchestra.TestKit.Postgres;
using Orchestra.TestKit.Stores;
using static Orchestra.Tests.Grains.Pushes;
using Verdict = Orchestra.Sync.Verdict;

namespace Orchestra.Tests.Postgres;

/// <summary>Batches of many owners beside others that want the same owners.</summary>
public sealed class HeldHeadTests : IAsyncLifetime
{
    private static readonly CancellationToken Never = CancellationToken.None;

    private MigratedDatabase database = null!;
    private PostgresBench bench = null!;

    public async Task InitializeAsync()
    {
        database = await MigratedDatabase.CreateAsync();
        bench = new PostgresBench(database);
    }

    public Task DisposeAsync() => bench.DisposeAsync().AsTask();

    [Fact]
    public async Task P1_Two_writers_with_the_same_200_owners_in_any_order_never_wait_for_each_other()
    {
        var owners = Enumerable.Range(0, 200).Select(_ => new OwnerId(Guid.NewGuid())).ToArray();
        using var end = new CancellationTokenSource(TimeSpan.FromSeconds(10));
        var outcomes = await Task.WhenAll(
            Enumerable.Range(1, 2).Select(seed => WriteAsync(owners, new Random(seed), end.Token))
        );

        var all = outcomes.SelectMany(list => list).ToLookup(outcome => outcome);
        Assert.NotEmpty(all[CommitOutcome.FenceLost].Concat(all[CommitOutcome.Busy]));
        Assert.Equal(
            [CommitOutcome.Committed, CommitOutcome.FenceLost, CommitOutcome.Busy],
            all.Select(group => group.Key)
                .Union([CommitOutcome.Committed, CommitOutcome.FenceLost, CommitOutcome.Busy])
                .Order()
        );
        Assert.Equal(
            (long)all[CommitOutcome.Committed].Count(),
            await database.RunAsync("select count(*) from orchestra.sync_log")
        );
        Assert.Equal(
            0L,
            await database.RunAsync(
                """
                select count(*) from orchestra.sync_head h where version <>
                    (select count(distinct l.version) from orchestra.sync_log l
                    where l.owner_id = h.owner_id)
                """
            )
        );
        var deadlocks = await database.RunAsync(
            "select deadlocks from pg_stat_database where datname = current_database()"
        );
        Assert.True(deadlocks is 0L, $"{deadlocks} deadlocks: {AboutDeadlocks()}");
    }

    [Fact]
    public async Task P2_A_reader_beside_16_writers_and_an_open_transaction_never_sees_a_gap()
    {
        var owner = new OwnerId(Guid.NewGuid());
        await WriteOneAsync(owner, rows: 1);
        var reader = await bench.OpenAsync();
        var device = new ReplayedDevice(Cursor.Start(0));
        await device.FollowAsync(reader, owner);

        // Somebody who has taken the next version and does not come to an end.
        await using (var open = await database.EnterAsync())
        {
            await using var half = new NpgsqlCommand(
                $"""
                begin;
                update orchestra.sync_head set version = version + 1 where owner_id = '{owner}';
                insert into orchestra.sync_log select owner_id, version + 1, entity_type, entity_id, op,
                    device_id, seq, change_id, priority, edited_at, row_edited_at, root_version, tx_end,
                    fields, won, created_at
                from orchestra.sync_log where owner_id = '{owner}'
                """,
                open
            );
            await half.ExecuteNonQueryAsync();
            await device.FollowAsync(reader, owner);
            Assert.Equal(1, device.Cursor.Version);
        }
        var writing = Task.WhenAll(
            Enumerable.Range(0, 16).Select(_ => WriteOneAsync(owner, rows: 10))
        );
        while (!writing.IsCompleted)
            await device.FollowAsync(reader, owner);
        await writing;
        await device.FollowAsync(reader, owner);
        Assert.Equal(161, device.Cursor.Version);
        Assert.Equal(161, device.LiveRows);
    }

    [Fact]
    public async Task A_head_that_somebody_holds_delays_no_other_owner_of_the_batch()
    {
        var store = await bench.OpenAsync();
        var histories = Enumerable
            .Range(0, 20)
            .Select(_ => new OwnerHistory(Guid.NewGuid()))
            .ToList();
        foreach (var history in histories)
            history.Create("projects", ("name", FieldValue.Text("first")));
        await store.CommitAsync([.. histories.Select(history => history.Commit())], Never);
        foreach (var history in histories)
            history.Create("projects", ("name", FieldValue.Text("second")));
        var commits = histories.Select(history => history.Commit()).ToList();

        await using (await HoldAsync(histories[7].Owner))
        {
            var outcomes = await store.CommitAsync(commits, Never);
            for (var i = 0; i < outcomes.Count; i++)
                Assert.Equal(i == 7 ? CommitOutcome.Busy : CommitOutcome.Committed, outcomes[i]);
            // Whoever waits gives up in the end, and nothing has happened.
            Assert.Equal(CommitOutcome.Busy, await store.CommitAloneAsync(commits[7], Never));
        }
        Assert.Equal(CommitOutcome.Committed, await store.CommitAloneAsync(commits[7], Never));
    }

    [Fact]
    public async Task The_pushes_of_other_owners_are_answered_while_a_head_is_held()
    {
        await using var grains = await GrainBench.StartAsync(bench);
        var held = grains.Owner(Guid.NewGuid());
        var others = Enumerable.Range(0, 10).Select(_ => grains.Owner(Guid.NewGuid())).ToList();
        var sessions = new Dictionary<ISyncGrain, Session>();
        foreach (var owner in others.Append(held))
            sessions[owner] = await owner.OpenSession(Desk);

        Task<IReadOnlyList<Orchestra.Sync.Verdict>> waiting;
        await using (await HoldAsync(new OwnerId(held.GetPrimaryKey())))
        {
            waiting = held.Push(Desk.Push(sessions[held], Project(1, 1, "held")));
            foreach (var seq in Enumerable.Range(1, 5))
                await Task.WhenAll(
                    others.Select(owner =>
                        owner.Push(Desk.Push(sessions[owner], Project(seq, seq, "free")))
                    )
                );
            Assert.False(waiting.IsCompleted, $"{waiting.Exception}");
        }
        Assert.Equal(ChangeStatus.Applied, Assert.Single(await waiting).Status);
    }

    /// <summary>A process of its own that adds rows, and starts anew whenever another was first.</summary>
    private async Task WriteOneAsync(OwnerId owner, int rows)
    {
        var store = await bench.OpenAsync();
        while (rows > 0)
        {
            var head = (await store.LoadOwnerAsync(owner, Never))?.Head;
            var outcomes = await store.CommitAsync([OneMoreRow.After(owner, head)], Never);
            if (outcomes[0] == CommitOutcome.Committed)
                rows--;
        }
    }

    /// <summary>Somebody in a transaction with the owner's head, until disposed.</summary>
    private async Task<IAsyncDisposable> HoldAsync(OwnerId owner)
    {
        var connection = await database.EnterAsync();
        await using var command = new NpgsqlCommand(
            $"begin; select from orchestra.sync_head where owner_id = '{owner}' for no key update",
            connection
        );
        await command.ExecuteNonQueryAsync();
        return connection;
    }

    /// <summary>Commits one more row for random owners, in random order, until the time is up.</summary>
    /// <summary>Who waited for whom, as the server tells it.</summary>
    private string AboutDeadlocks()
    {
        const string First = "deadlock detected";
        const int Length = 4_000;
        var log = database.ServerLog;
        var at = log.IndexOf(First, StringComparison.Ordinal);
        return at < 0 ? "" : log.Substring(at, Math.Min(Length, log.Length - at));
    }

    private async Task<List<CommitOutcome>> WriteAsync(
        OwnerId[] owners,
        Random random,
        CancellationToken end
    )
    {
        var store = await bench.OpenAsync();
        var outcomes = new List<CommitOutcome>();
        while (!end.IsCancellationRequested)
        {
            var some = random.GetItems(owners, 80).Distinct().ToArray();
            var heads = await store.LoadHeadsAsync(some, Never);
            var commits = some.Select(owner =>
                    OneMoreRow.After(owner, heads.GetValueOrDefault(owner))
                )
                .ToList();
            outcomes.AddRange(await store.CommitAsync(commits, Never));
        }
        return outcomes;
    }
}
