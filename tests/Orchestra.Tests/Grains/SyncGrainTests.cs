using Orchestra.Grains.Interfaces;
using Orchestra.Sync;
using Orchestra.Sync.Errors;
using Orchestra.Sync.Store;
using Orchestra.TestKit.Grains;
using static Orchestra.Tests.Grains.Pushes;

namespace Orchestra.Tests.Grains;

public sealed class SyncGrainTests : IAsyncLifetime
{
    private readonly Guid owner = Guid.NewGuid();
    private GrainBench bench = null!;
    private ISyncGrain grain = null!;
    private Session session = null!;

    public async Task InitializeAsync()
    {
        bench = await GrainBench.StartAsync();
        grain = bench.Owner(owner);
        session = await grain.OpenSession(Desk);
    }

    public Task DisposeAsync() => bench.DisposeAsync().AsTask();

    [Fact]
    public async Task First_sight_makes_the_owner_and_the_device_and_the_second_makes_nothing()
    {
        Assert.Equal((2L, 50, 0L), (session.Head.Version, session.Priority, session.LastSeq));
        var again = await grain.OpenSession(Desk);
        Assert.Equal(session.Head, again.Head);
        Assert.Equal("device 1", Assert.Single(await grain.ReadDevices())["name"].AsText());
    }

    [Fact]
    public async Task P1_pushes_of_many_devices_at_once_get_versions_without_gap_and_share_commits()
    {
        var devices = Enumerable.Range(10, 8).Select(Device).ToList();
        foreach (var device in devices)
            await grain.OpenSession(device);
        var before = (await grain.OpenSession(Desk)).Head.Version;
        var commits = bench.Store.Commits;

        var answers = await Task.WhenAll(
            from device in devices
            from seq in Enumerable.Range(1, 25)
            select PushWhenDueAsync(device, seq)
        );

        var versions = answers.Select(verdicts => verdicts.Single().Version!.Value).Order();
        Assert.Equal(Enumerable.Range(1, 200).Select(i => before + i), versions);
        Assert.InRange(bench.Store.Commits - commits, 1, 199);
        await ExpectFoldedLogAsync();
    }

    [Fact]
    public async Task P4_a_commit_whose_answer_was_lost_happened_once_and_says_so()
    {
        bench.Store.FailNext(CommitFault.AnswerLost);
        var verdict = Assert.Single(await grain.Push(Desk.Push(session, Project(1, 1, "one"))));

        Assert.Equal(
            (ChangeStatus.Duplicate, ChangeStatus.Applied, 3L),
            (verdict.Status, verdict.Was!.Value, verdict.Version!.Value)
        );
        Assert.Equal(1, bench.Store.FaultsMet);
        await ExpectFoldedLogAsync();
    }

    [Fact]
    public async Task P4_a_commit_that_was_lost_on_its_way_is_made_again()
    {
        bench.Store.FailNext(CommitFault.RequestLost, CommitFault.Busy);
        var verdict = Assert.Single(await grain.Push(Desk.Push(session, Project(1, 1, "one"))));

        Assert.Equal((ChangeStatus.Applied, 3L), (verdict.Status, verdict.Version!.Value));
        Assert.Equal(2, bench.Store.FaultsMet);
        await ExpectFoldedLogAsync();
    }

    [Fact]
    public async Task P1_a_second_writer_of_the_same_owner_costs_a_reload_and_no_version()
    {
        await using var other = await GrainBench.StartAsync();
        var rival = await bench.OpenAnotherStoreAsync();
        bench.Store.BeforeCommit = () => CommitBesideAsync(rival);
        var verdict = Assert.Single(await grain.Push(Desk.Push(session, Project(1, 1, "one"))));

        Assert.Equal((ChangeStatus.Applied, 4L), (verdict.Status, verdict.Version!.Value));
        Assert.Equal("beside", (await grain.ReadDevices()).Single()["name"].AsText());
        await ExpectFoldedLogAsync();
    }

    [Fact]
    public async Task An_unreachable_store_consumes_nothing_and_the_next_push_succeeds()
    {
        bench.Store.FailNext(CommitFault.Unavailable);
        var push = Desk.Push(session, Project(1, 1, "one"));
        var error = await Assert.ThrowsAsync<SyncException>(() => grain.Push(push));

        Assert.Equal(ErrorCode.StoreUnavailable, error.Code);
        Assert.Equal(ChangeStatus.Applied, Assert.Single(await grain.Push(push)).Status);
    }

    [Fact]
    public async Task P19_what_the_store_refuses_is_rejected_alone()
    {
        var changes = Enumerable
            .Range(1, 40)
            .Select(seq => Create(seq, "specimens", seq, ("amount", FieldValue.Integer(seq))))
            .ToList();
        var verdicts = await grain.Push(Desk.Push(session, changes));

        Assert.Equal([13L], verdicts.Where(v => v.Rejection is not null).Select(v => v.Seq));
        Assert.Equal(ErrorCode.InvalidValue, verdicts[12].Rejection!.Code);
        Assert.Equal(40, (await grain.OpenSession(Desk)).LastSeq);
        await ExpectFoldedLogAsync();
    }

    [Fact]
    public async Task What_a_grain_knew_its_successor_finds_in_the_store()
    {
        var push = Desk.Push(session, Project(1, 1, "one"));
        var first = Assert.Single(await grain.Push(push));
        await bench.ForgetAllAsync();
        var again = Assert.Single(await grain.Push(push));

        Assert.Equal((ChangeStatus.Duplicate, first.Version), (again.Status, again.Version));
    }

    [Fact]
    public async Task Devices_are_renamed_weighed_and_revoked()
    {
        await grain.UpdateDevice(Desk.Id, "attic", 99);
        Assert.Equal(99, (await grain.OpenSession(Desk)).Priority);
        await grain.RevokeDevice(Desk.Id);

        var hello = await Assert.ThrowsAsync<SyncException>(() => grain.OpenSession(Desk));
        var push = await Assert.ThrowsAsync<SyncException>(() =>
            grain.Push(Desk.Push(session, Project(1, 1, "one")))
        );
        var missing = await Assert.ThrowsAsync<SyncException>(() => grain.RevokeDevice(Phone.Id));
        Assert.Equal(
            [ErrorCode.DeviceRevoked, ErrorCode.DeviceRevoked, ErrorCode.NotFound],
            new[] { hello.Code, push.Code, missing.Code }
        );
    }

    [Fact]
    public async Task An_owner_has_a_limited_number_of_devices()
    {
        foreach (var n in Enumerable.Range(100, Limits.DevicesPerOwner - 1))
            await grain.OpenSession(Device(n));

        var error = await Assert.ThrowsAsync<SyncException>(() => grain.OpenSession(Phone));
        Assert.Equal(ErrorCode.DeviceLimit, error.Code);
    }

    private async Task<IReadOnlyList<Verdict>> PushWhenDueAsync(DeviceInfo device, int seq)
    {
        while (true)
        {
            try
            {
                return await grain.Push(
                    device.Push(session, Project(seq, device.Id.GetHashCode() ^ (seq << 8), "x"))
                );
            }
            catch (SyncException gap) when (gap.Code == ErrorCode.SequenceGap)
            {
                // Sent at once, a device's pushes arrive in any order; the gap says to wait.
                await Task.Yield();
            }
        }
    }

    /// <summary>What a grain on another cluster does: renames the device, one version further.</summary>
    private async Task CommitBesideAsync(ISyncStore rival)
    {
        var record = (await rival.LoadOwnerAsync(new OwnerId(owner), CancellationToken.None))!;
        var row = record.Devices.Single();
        var state = Sync.Decisions.OwnerState.From(
            new OwnerId(owner),
            record,
            record.Head.LastCommitAt
        );
        var catalog = await rival.LoadCatalogAsync(CancellationToken.None);
        var rename = new Change(
            0,
            new ChangeId(Guid.NewGuid()),
            row.Key.Entity,
            row.Key.Id.ToString("D"),
            ChangeOp.Update,
            0,
            0,
            new Dictionary<string, FieldValue> { ["name"] = FieldValue.Text("beside") }
        );
        var push = new Sync.Decisions.ReceivedPush(
            DeviceId.Server,
            0,
            0,
            [Sync.Decisions.ChangeCheck.Check(catalog, rename, byServer: true)],
            null,
            record.Head.LastCommitAt
        );
        var decision = Sync.Decisions.Decider.Decide(
            catalog,
            state,
            new RowSet([row], []),
            [push],
            record.Head.LastCommitAt
        );
        var outcomes = await rival.CommitAsync([decision.Commit!], CancellationToken.None);
        Assert.Equal(CommitOutcome.Committed, Assert.Single(outcomes));
    }

    /// <summary>P5: folding the log from empty gives the rows, and both give the head's digest.</summary>
    private async Task ExpectFoldedLogAsync()
    {
        var rows = await ReadAllAsync(new Cursor(session.Head.Epoch, 0, null, null));
        var log = await ReadAllAsync(new Cursor(session.Head.Epoch, 1, null, null));
        Assert.Equal(rows.Page.Digest, rows.Digest);
        Assert.Equal(rows.Page.Rows, rows.Count);
        // All but the very first version, which is the owner's own row.
        Assert.Equal(rows.Count - 1, log.Count);
        Assert.Equal(rows.Page.Head, log.Page.To);
    }

    private async Task<(ChangesPage Page, ulong Digest, int Count)> ReadAllAsync(Cursor cursor)
    {
        var live = new Dictionary<RowKey, long>();
        while (true)
        {
            var outcome = await grain.Read(new(new OwnerId(owner), cursor, 7, 100_000, null));
            var page = outcome.Page!;
            foreach (var entry in page.Entries)
                if (entry.Present)
                    live[entry.Row] = entry.Version;
                else
                    live.Remove(entry.Row);
            if (!page.More)
                return (
                    page,
                    live.Aggregate(
                        0UL,
                        (d, row) => d ^ Sync.Decisions.Digest.Of(row.Key.Id, row.Value)
                    ),
                    live.Count
                );
            cursor = new Cursor(page.Epoch, page.To, page.Mark, page.Floor);
        }
    }
}
