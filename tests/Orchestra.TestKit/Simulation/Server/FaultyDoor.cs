using Orchestra.Database.Sqlite;
using Orchestra.Sync;
using Orchestra.Sync.Catalog;
using Orchestra.Sync.Contents;
using Orchestra.Sync.Errors;
using Orchestra.Sync.Search;
using Orchestra.Sync.Store;
using Orchestra.TestKit.Simulation.Machine;
using Orchestra.TestKit.Simulation.Network;

namespace Orchestra.TestKit.Simulation.Server;

/// <summary>
/// One silo's connection to the store: every call is a step of its own, so that the silo can die
/// before and after it, and in foul weather a call fails, or its answer is lost.
/// </summary>
internal sealed class FaultyDoor(
    World world,
    Lane lane,
    SharedStore shared,
    NetworkWeather weather,
    SeededBug bug
) : ISyncStore
{
    private readonly SqliteSyncStore store = shared.Store;

    public Task<EntityCatalog> LoadCatalogAsync(CancellationToken cancellation) =>
        StepAsync(() => store.LoadCatalogAsync(cancellation));

    public Task<OwnerRecord?> LoadOwnerAsync(OwnerId owner, CancellationToken cancellation) =>
        StepAsync(() => store.LoadOwnerAsync(owner, cancellation));

    public Task<IReadOnlyDictionary<OwnerId, OwnerHead>> LoadHeadsAsync(
        IReadOnlyCollection<OwnerId> owners,
        CancellationToken cancellation
    ) => StepAsync(() => store.LoadHeadsAsync(owners, cancellation));

    public Task<IReadOnlyList<RowSet>> LoadRowsAsync(
        IReadOnlyList<RowQuery> queries,
        CancellationToken cancellation
    ) =>
        StepAsync(async () =>
            StoreBugs.Load(bug, shared, queries, await store.LoadRowsAsync(queries, cancellation))
        );

    public Task<IReadOnlyList<CommitOutcome>> CommitAsync(
        IReadOnlyList<OwnerCommit> commits,
        CancellationToken cancellation
    )
    {
        if (bug == SeededBug.AcknowledgeBeforeCommit)
        {
            world.At(
                TimeSpan.FromMilliseconds(300),
                () =>
                {
                    if (!lane.IsDead)
                        lane.Post(() => _ = store.CommitAsync(commits, cancellation));
                }
            );
            return Task.FromResult<IReadOnlyList<CommitOutcome>>([
                .. commits.Select(_ => CommitOutcome.Committed),
            ]);
        }
        return StepAsync<IReadOnlyList<CommitOutcome>>(async () =>
        {
            var fate = weather.IsFoul ? world.Random.Next(30) : -1;
            if (fate == 0)
                return [.. commits.Select(_ => Tell(CommitOutcome.Busy))];
            if (fate == 1)
                return [.. commits.Select(_ => Tell(CommitOutcome.Unknown))];
            var outcomes = await store.CommitAsync(
                [.. commits.Select(commit => StoreBugs.Commit(bug, shared, commit))],
                cancellation
            );
            foreach (var (commit, outcome) in commits.Zip(outcomes))
                world.Trace.Add(
                    world.Now,
                    lane.Name,
                    $"commit {commit.Head.CommitNo} to version {commit.Head.Version}: {outcome}"
                );
            return fate == 2 ? [.. outcomes.Select(_ => Tell(CommitOutcome.Unknown))] : outcomes;
        });
    }

    public async Task<CommitOutcome> CommitAloneAsync(
        OwnerCommit commit,
        CancellationToken cancellation
    ) => (await CommitAsync([commit], cancellation))[0];

    public Task<ReadOutcome> ReadAsync(ReadQuery query, CancellationToken cancellation) =>
        StepAsync(() => store.ReadAsync(query, cancellation));

    public Task<ConflictPage> ReadConflictsAsync(
        OwnerId owner,
        ConflictPosition? before,
        int limit,
        CancellationToken cancellation
    ) => StepAsync(() => store.ReadConflictsAsync(owner, before, limit, cancellation));

    public Task<Verified> VerifyAsync(
        OwnerId owner,
        IReadOnlyCollection<string> entities,
        CancellationToken cancellation
    ) => StepAsync(() => store.VerifyAsync(owner, entities, cancellation));

    public Task<IReadOnlyList<OwnerContent>> ListContentsAsync(
        OwnerContent? after,
        int limit,
        CancellationToken cancellation
    ) => StepAsync(() => store.ListContentsAsync(after, limit, cancellation));

    public Task<IReadOnlyList<Content>> FindUnusedContentsAsync(
        OwnerId owner,
        DateTimeOffset since,
        int limit,
        CancellationToken cancellation
    ) => StepAsync(() => store.FindUnusedContentsAsync(owner, since, limit, cancellation));

    public Task<FoundPage> SearchAsync(
        OwnerId owner,
        WordSearch search,
        CancellationToken cancellation
    ) => StepAsync(() => store.SearchAsync(owner, search, cancellation));

    public Task<IReadOnlyList<DeviceAck>> LoadAcksAsync(
        OwnerId owner,
        CancellationToken cancellation
    ) => StepAsync(() => store.LoadAcksAsync(owner, cancellation));

    public async Task SaveAcksAsync(
        IReadOnlyCollection<DeviceAck> acks,
        CancellationToken cancellation
    ) => await store.SaveAcksAsync(acks, cancellation);

    private async Task<T> StepAsync<T>(Func<Task<T>> call)
    {
        await Task.Yield();
        if (weather.IsFoul && world.Chance(10))
        {
            world.Trace.Add(world.Now, lane.Name, "the store is not available");
            throw new SyncException(ErrorCode.StoreUnavailable, "The store is not available");
        }
        if (weather.IsFoul && world.Chance(100))
            await Task.Delay(
                TimeSpan.FromMilliseconds(world.Random.Next(1, 200)),
                new LaneTime(world, lane, () => TimeSpan.Zero)
            );
        var answer = await call();
        await Task.Yield();
        return answer;
    }

    private CommitOutcome Tell(CommitOutcome outcome)
    {
        world.Trace.Add(world.Now, lane.Name, $"is told of a commit: {outcome}");
        return outcome;
    }
}
