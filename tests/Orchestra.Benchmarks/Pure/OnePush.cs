using System.Collections.Immutable;
using BenchmarkDotNet.Attributes;
using Orchestra.Sync;
using Orchestra.Sync.Decisions;
using Orchestra.Sync.Store;

namespace Orchestra.Benchmarks.Pure;

/// <summary>A push of 100 changes from its arrival to the commit; figures are for one change.</summary>
public class OnePush
{
    private const int Changes = 100;

    private MadeUpTasks tasks = null!;
    private OwnerState owner = null!;
    private RowSet project = null!;
    private RowSet rows = null!;
    private IReadOnlyList<ReceivedPush> creates = null!;
    private IReadOnlyList<ReceivedPush> updates = null!;

    [GlobalSetup]
    public async Task PrepareAsync()
    {
        tasks = await MadeUpTasks.CreateAsync();
        var head = OwnerHead.New(MadeUpTasks.Noon) with { CommitNo = 9, Version = 1_000 };
        var none = ImmutableDictionary<DeviceId, Row>.Empty;
        owner = new(
            MadeUpTasks.Owner,
            head,
            ImmutableDictionary<DeviceId, DeviceCursor>.Empty,
            none.Add(MadeUpTasks.Desk, MadeUpTasks.ProjectRow())
        );
        project = new([MadeUpTasks.ProjectRow()], []);
        rows = new([.. project.Rows, .. Numbers().Select(MadeUpTasks.RowOf)], []);
        creates = [Receive(MadeUpTasks.Create)];
        updates = [Receive(number => MadeUpTasks.Finish(number, known: number))];
        Invariant.Require(Decide(project, creates).Commit!.Log.Count == Changes);
        Invariant.Require(Decide(rows, updates).Commit!.Log.Count == Changes);
    }

    [Benchmark(Description = "decide: new rows", OperationsPerInvoke = Changes)]
    public object DecideNew() => Decide(project, creates);

    [Benchmark(Description = "decide: updates that know all", OperationsPerInvoke = Changes)]
    public object DecideUpdates() => Decide(rows, updates);

    private Decision Decide(RowSet loaded, IReadOnlyList<ReceivedPush> pushes) =>
        Decider.Decide(tasks.Catalog, owner, loaded, pushes, MadeUpTasks.Noon);

    private ReceivedPush Receive(Func<int, Change> make) =>
        new(
            MadeUpTasks.Desk,
            owner.Head.Epoch,
            Settled: 0,
            [.. Numbers().Select(number => tasks.Check(make(number)))],
            Replaces: null,
            MadeUpTasks.Noon
        );

    private static IEnumerable<int> Numbers() => Enumerable.Range(1, Changes);
}
