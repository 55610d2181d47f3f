using System.Collections.Concurrent;
using System.Diagnostics;
using Orchestra.Grains.Store;
using Orchestra.Sync.Errors;
using Orchestra.Sync.Store;
using Orchestra.TestKit.Grains;
using Orchestra.TestKit.Stores;

namespace Orchestra.Tests.Grains;

/// <summary>How much waits at the silo's door to a store that does not answer.</summary>
public sealed class StoreDoorTests
{
    private readonly TaskCompletionSource blocked = new();

    [Fact]
    public async Task Of_requests_that_gather_4096_wait()
    {
        await using var together = new Gathering<int, int>(
            "ask",
            async requests =>
            {
                await blocked.Task;
                return requests;
            },
            weigh: _ => 1,
            batchWeight: 1,
            inFlight: 1
        );
        var asked = new List<Task<int>>();
        var refused = Assert.Throws<SyncException>(() =>
        {
            while (asked.Count < 10_000)
                asked.Add(together.AskAsync(asked.Count));
        });
        Assert.Equal(ErrorCode.Overloaded, refused.Code);
        Assert.NotNull(refused.RetryAfter);
        // The one that is under way may have been taken out by then.
        Assert.InRange(asked.Count, 4_096, 4_097);

        blocked.SetResult();
        Assert.Equal(Enumerable.Range(0, asked.Count), await Task.WhenAll(asked));
    }

    [Fact]
    public async Task A_batch_is_in_the_trace_of_the_first_and_is_linked_to_the_others()
    {
        using var ours = new ActivitySource($"{Guid.NewGuid()}");
        var seen = new ConcurrentBag<Activity>();
        using var listener = new ActivityListener
        {
            ShouldListenTo = source => source == ours || source.Name == "Orchestra.Grains",
            Sample = (ref ActivityCreationOptions<ActivityContext> _) =>
                ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = seen.Add,
        };
        ActivitySource.AddActivityListener(listener);
        await using var together = new Gathering<int, int>(
            ours.Name,
            async requests =>
            {
                await blocked.Task;
                return requests;
            },
            weigh: _ => 1,
            batchWeight: 10,
            inFlight: 1
        );
        var asked = new List<Task<int>> { together.AskAsync(0) };
        var callers = new List<ActivityContext>();
        for (var n = 1; n <= 3; n++)
        {
            using var caller = ours.StartActivity("caller", ActivityKind.Internal, parentId: null)!;
            callers.Add(caller.Context);
            asked.Add(together.AskAsync(n));
        }
        blocked.SetResult();
        await Task.WhenAll(asked);
        await together.DisposeAsync();

        var spans = seen.Where(span => span.OperationName == ours.Name).ToList();
        Assert.Equal(
            callers.Select(caller => caller.SpanId).ToHashSet(),
            spans
                .SelectMany(span =>
                    span.Links.Select(link => link.Context.SpanId).Append(span.ParentSpanId)
                )
                .ToHashSet()
        );
        Assert.All(
            spans,
            span =>
                Assert.Equal(
                    callers.Single(caller => caller.SpanId == span.ParentSpanId).TraceId,
                    span.TraceId
                )
        );
    }

    [Fact]
    public async Task Of_commits_that_go_alone_8_are_under_way_and_256_wait()
    {
        await using var bench = new SqliteBench(inMemory: true);
        var store = new FaultyStore(await bench.OpenAsync());
        Func<Task> block = null!;
        block = () =>
        {
            store.BeforeCommit = block;
            return blocked.Task;
        };
        store.BeforeCommit = block;
        using var lanes = new OwnLanes(store, TimeProvider.System);
        var commits = new List<Task<CommitOutcome>>();
        for (var n = 0; n < 8 + 256; n++)
            commits.Add(lanes.CommitAsync(NewCommit()));

        var refused = await Assert.ThrowsAsync<SyncException>(() => lanes.CommitAsync(NewCommit()));
        Assert.Equal(ErrorCode.Overloaded, refused.Code);

        store.BeforeCommit = null;
        blocked.SetResult();
        Assert.All(
            await Task.WhenAll(commits),
            outcome => Assert.Equal(CommitOutcome.Committed, outcome)
        );
        Assert.Equal(CommitOutcome.Committed, await lanes.CommitAsync(NewCommit()));
    }

    private static OwnerCommit NewCommit()
    {
        var history = new OwnerHistory(Guid.NewGuid());
        history.Create("projects", ("name", Orchestra.Sync.FieldValue.Text("one")));
        return history.Commit();
    }
}
