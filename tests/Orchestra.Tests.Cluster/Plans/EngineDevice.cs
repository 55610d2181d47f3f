using Orchestra.Sync;
using Orchestra.Sync.Catalog;
using Orchestra.Sync.Decisions;
using Orchestra.Sync.Store;

namespace Orchestra.Tests.Cluster.Plans;

/// <summary>Pushes as the engine takes them, without grains: load, decide, commit.</summary>
internal sealed class EngineDevice(ISyncStore store, EntityCatalog catalog, DateTimeOffset now)
{
    private static readonly CancellationToken Never = CancellationToken.None;

    /// <summary>Everybody's pushes in one commit.</summary>
    public async Task PushAsync(
        IReadOnlyList<(OwnerId Owner, IReadOnlyList<Change> Changes)> pushes,
        bool byServer = false
    )
    {
        var decided = await DecideAsync(pushes, byServer);
        var outcomes = await store.CommitAsync(decided, Never);
        Assert.All(outcomes, outcome => Assert.Equal(CommitOutcome.Committed, outcome));
    }

    public async Task PushAloneAsync(OwnerId owner, IReadOnlyList<Change> changes)
    {
        var decided = await DecideAsync([(owner, changes)], byServer: false);
        var outcome = await store.CommitAloneAsync(Assert.Single(decided), Never);
        Assert.Equal(CommitOutcome.Committed, outcome);
    }

    private async Task<IReadOnlyList<OwnerCommit>> DecideAsync(
        IReadOnlyList<(OwnerId Owner, IReadOnlyList<Change> Changes)> pushes,
        bool byServer
    )
    {
        var states = new List<(OwnerState State, ReceivedPush Push)>();
        foreach (var (owner, changes) in pushes)
        {
            var record = await store.LoadOwnerAsync(owner, Never);
            var state = OwnerState.From(owner, record, now);
            states.Add((state, ToPush(state, changes, byServer)));
        }
        var rows = await store.LoadRowsAsync(
            [.. states.Select(item => new RowQuery(item.State.Owner, RowNeeds.Of([item.Push])))],
            Never
        );
        return
        [
            .. states.Select(
                (item, i) =>
                {
                    var decision = Decider.Decide(catalog, item.State, rows[i], [item.Push], now);
                    Assert.Null(decision.Answers[0].Error);
                    return decision.Commit!;
                }
            ),
        ];
    }

    private ReceivedPush ToPush(OwnerState state, IReadOnlyList<Change> changes, bool byServer)
    {
        var device = byServer ? DeviceId.Server : state.Devices.Keys.Min();
        var seq = state.CursorOf(device).LastSeq;
        return new(
            device,
            state.Head.Epoch,
            seq,
            [
                .. changes.Select(change =>
                    ChangeCheck.Check(catalog, change with { Seq = byServer ? 0 : ++seq }, byServer)
                ),
            ],
            null,
            now
        );
    }
}
