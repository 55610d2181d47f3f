using System.Diagnostics;
using Microsoft.Extensions.Logging;
using Orchestra.Grains.Measuring;
using Orchestra.Grains.Store;
using Orchestra.Sync;
using Orchestra.Sync.Catalog;
using Orchestra.Sync.Decisions;
using Orchestra.Sync.Errors;
using Orchestra.Sync.Reading;
using Orchestra.Sync.Store;

namespace Orchestra.Grains.Owner;

/// <summary>
/// One owner's pushes: what arrives while a commit is under way goes together into the next.
/// Load → decide → commit, and only then answer. Runs on its grain's scheduler.
/// </summary>
internal sealed class OwnerPump(
    OwnerId owner,
    ISyncStore store,
    EntityCatalog catalog,
    RowReader rows,
    HeavyWork heavy,
    CommitWriter writer,
    TimeProvider time,
    ILogger logger,
    Action<OwnerCommit> publish,
    Action<OwnerHead> learn,
    OwnerEvents events
)
{
    /// <summary>Changes waiting for a commit; beyond it the owner is overloaded.</summary>
    private const int QueueChanges = 20_000;

    /// <summary>Bytes of fields that may wait with them, unless a single push has more.</summary>
    private const long QueueBytes = 32 * 1024 * 1024;

    /// <summary>Changes decided together.</summary>
    private const int BatchChanges = 1_000;

    /// <summary>How often a batch is decided anew when somebody else committed first.</summary>
    private const int Attempts = 5;

    /// <summary>All that was not answered, in the order of arrival.</summary>
    private readonly List<Waiting> waiting = [];
    private OwnerState? state;
    private DateTimeOffset lastCommitAt;
    private int queuedChanges;
    private long queuedBytes;
    private bool isRunning;

    /// <summary>The owner as the store has it, loaded if it is not known.</summary>
    /// <remarks>What was loaded may be news: of another writer, or of a commit that went unheard.</remarks>
    public async Task<OwnerState> StateAsync()
    {
        if (state is null)
        {
            var record = await store.LoadOwnerAsync(owner, CancellationToken.None);
            if (state is not null)
                return state;
            state = OwnerState.From(owner, record, Now());
            lastCommitAt = Later(lastCommitAt, state.Head.LastCommitAt);
            learn(state.Head);
        }
        return state;
    }

    /// <summary>
    /// The owner as the store has it now: what is remembered counts only if nobody has committed
    /// since.
    /// </summary>
    public async Task<OwnerState> ConfirmedStateAsync()
    {
        var heads = await store.LoadHeadsAsync([owner], CancellationToken.None);
        if (heads.TryGetValue(owner, out var head) && state?.Head.CommitNo < head.CommitNo)
            Forget();
        return await StateAsync();
    }

    /// <summary>The head, if it is known without asking the store.</summary>
    public OwnerHead? Head => state?.Head;

    /// <summary>Somebody else committed: what is remembered is out of date.</summary>
    public void Forget()
    {
        if (!isRunning)
            state = null;
    }

    /// <summary>The owner's time: the silo's, but never before the owner's last commit.</summary>
    public DateTimeOffset Now()
    {
        var now = time.GetUtcNow();
        return Later(now.AddTicks(-(now.Ticks % TimeSpan.TicksPerMicrosecond)), lastCommitAt);
    }

    /// <summary>Takes a push and answers it once it is durable.</summary>
    /// <exception cref="SyncException">Nothing of it was consumed.</exception>
    public Task<IReadOnlyList<Verdict>> TakeAsync(ReceivedPush push)
    {
        var next = new Waiting(push, isUrgent: false);
        if (
            queuedChanges > 0
            && (
                queuedChanges + push.Changes.Count > QueueChanges
                || queuedBytes + next.Bytes > QueueBytes
            )
        )
        {
            GrainMeter.Overload(GrainMeter.OwnerQueue);
            throw new SyncException(ErrorCode.Overloaded, "Too many changes are waiting")
            {
                RetryAfter = TimeSpan.FromSeconds(1),
            };
        }
        return Enqueue(next);
    }

    /// <summary>
    /// Takes the server's own changes before all that wait, and however many wait: whoever revokes a
    /// device must not be kept from it by what the device sends.
    /// </summary>
    /// <param name="push">The server's.</param>
    public Task<IReadOnlyList<Verdict>> TakeFirstAsync(ReceivedPush push)
    {
        Invariant.Require(push.IsServer);
        return Enqueue(new Waiting(push, isUrgent: true));
    }

    private Task<IReadOnlyList<Verdict>> Enqueue(Waiting next)
    {
        waiting.Add(next);
        Queue(next);
        if (!isRunning)
            _ = RunAsync();
        return next.Answer.Task;
    }

    private async Task RunAsync()
    {
        isRunning = true;
        BatchTrace.Leave();
        while (NextBatch() is { Count: > 0 } batch)
        {
            using var span = BatchTrace.Begin("commit", batch, static next => next.Caller);
            try
            {
                var (answers, rest) = await CommitOnceAsync([.. batch.Select(next => next.Push)]);
                Settle(batch, answers, rest);
            }
            catch (Exception e)
            {
                // Whatever happened, the store knows; the next batch begins by asking it.
                state = null;
                span?.SetStatus(ActivityStatusCode.Error);
                foreach (var next in batch)
                {
                    next.Answer.TrySetException(e);
                    events.Answered(next.Push, e);
                }
                Forget(batch);
            }
        }
        isRunning = false;
    }

    /// <summary>
    /// What goes into the next commit. A push that is committed in pieces lets those of others pass in
    /// between, but none that its own order with them counts for; what the server itself writes comes
    /// first of all.
    /// </summary>
    private List<Waiting> NextBatch()
    {
        var batch = waiting.FindAll(next => next.IsUrgent);
        var begun = waiting.FindAll(next => next.IsBegun);
        var before = new List<Waiting>(begun);
        var changes = 0;
        foreach (var next in waiting)
        {
            if (next.IsUrgent || next.IsBegun)
                continue;
            if (before.Exists(next.Follows))
            {
                before.Add(next);
                continue;
            }
            if (changes > 0 && changes + next.Push.Changes.Count > BatchChanges)
                break;
            batch.Add(next);
            changes += next.Push.Changes.Count;
        }
        // The oldest always comes on, the others as far as there is room.
        foreach (var next in begun)
        {
            if (next != begun[0] && changes + next.Push.Changes.Count > BatchChanges)
                break;
            batch.Add(next);
            changes += next.Push.Changes.Count;
        }
        batch.ForEach(Unqueue);
        return batch;
    }

    /// <summary>
    /// Answers what was taken whole. The last of them may have been taken in part, and what came after
    /// that one not at all.
    /// </summary>
    private void Settle(
        List<Waiting> batch,
        IReadOnlyList<PushAnswer> answers,
        IReadOnlyList<ReceivedPush> rest
    )
    {
        var whole = batch.Count - rest.Count;
        for (var i = 0; i < whole; i++)
            events.Answered(batch[i].Push, batch[i].Take(answers[i]));
        if (whole < answers.Count)
            batch[whole].TakePart(answers[whole], rest[0]);
        batch.Skip(whole).ToList().ForEach(Queue);
        Forget(batch[..whole]);
    }

    private void Forget(List<Waiting> answered)
    {
        if (answered.Count == waiting.Count)
            waiting.Clear();
        else if (answered.Count > 0)
            waiting.RemoveAll(answered.ToHashSet().Contains);
    }

    private void Queue(Waiting next)
    {
        queuedChanges += next.Push.Changes.Count;
        queuedBytes += next.Bytes;
    }

    private void Unqueue(Waiting next)
    {
        queuedChanges -= next.Push.Changes.Count;
        queuedBytes -= next.Bytes;
    }

    /// <summary>In as many commits as it takes; nothing of one is kept when the next begins.</summary>
    private async Task<IReadOnlyList<PushAnswer>> CommitAsync(IReadOnlyList<ReceivedPush> pushes)
    {
        var answers = new List<PushAnswer>(pushes.Count);
        var isPartial = false;
        while (pushes.Count > 0)
        {
            var (some, rest) = await CommitOnceAsync(pushes);
            if (isPartial)
                answers[^1] = answers[^1].Then(some[0]);
            answers.AddRange(isPartial ? some.Skip(1) : some);
            // One of them may have been taken in part, and is in both.
            isPartial = some.Count + rest.Count > pushes.Count;
            pushes = rest;
        }
        return answers;
    }

    /// <returns>The answers of what was taken, and what was too much for one commit.</returns>
    private async Task<(
        IReadOnlyList<PushAnswer> Taken,
        IReadOnlyList<ReceivedPush> Left
    )> CommitOnceAsync(IReadOnlyList<ReceivedPush> pushes)
    {
        for (var attempt = 0; attempt < Attempts; attempt++)
        {
            var isFresh = state is null;
            var before = await StateAsync();
            var needs = RowNeeds.Of(pushes);
            var loaded =
                needs.Count == 0 ? new RowSet([], []) : await rows.LoadAsync(new(owner, needs));
            // The clock may have been set back since they were received.
            var at = pushes.Aggregate(Now(), (at, push) => Later(at, push.Receipt));
            using var turn = DecisionWork.IsHeavy(catalog, loaded, pushes)
                ? await heavy.TakeTurnAsync()
                : null;
            var decision = turn is null
                ? Decider.Decide(catalog, before, loaded, pushes, at)
                : await heavy.RunAsync(() => Decider.Decide(catalog, before, loaded, pushes, at));
            if (decision.Commit is not { } commit)
            {
                // No fence has said that nobody else wrote meanwhile, so before anybody is refused
                // the store is asked again.
                if (isFresh || decision.Answers.All(answer => answer.Error is null))
                    return (decision.Answers, decision.Rest);
                state = null;
                continue;
            }
            if (SeededBugs.PublishBeforeCommit)
                publish(commit);
            using var late =
                turn is null && HeavyWork.IsHeavy(commit) ? await heavy.TakeTurnAsync() : null;
            var outcome = await writer.CommitAsync(commit);
            switch (outcome)
            {
                case CommitOutcome.Committed:
                    state = decision.After;
                    lastCommitAt = state.Head.LastCommitAt;
                    if (!SeededBugs.PublishBeforeCommit)
                        publish(commit);
                    events.Committed(commit);
                    return (decision.Answers, decision.Rest);
                case CommitOutcome.Refused:
                    return (await IsolateAsync(pushes), []);
                default:
                    // Fence lost, busy, or unknown: decide again on what the store has. A commit
                    // that did happen comes out as duplicates.
                    Log.DecidedAgain(logger, owner, outcome);
                    events.LostFence(outcome);
                    state = null;
                    break;
            }
        }
        GrainMeter.Overload(GrainMeter.FenceQueue);
        throw new SyncException(ErrorCode.Overloaded, "Others are writing for this owner")
        {
            RetryAfter = TimeSpan.FromSeconds(1),
        };
    }

    /// <summary>
    /// The store cannot hold something in these pushes: halves them until it is alone, and rejects
    /// that.
    /// </summary>
    private async Task<IReadOnlyList<PushAnswer>> IsolateAsync(IReadOnlyList<ReceivedPush> pushes)
    {
        if (pushes.Count > 1)
        {
            var half = pushes.Count / 2;
            var first = await CommitAsync([.. pushes.Take(half)]);
            return [.. first, .. await CommitAsync([.. pushes.Skip(half)])];
        }
        if (PushHalves.Split(pushes[0]) is not { } halves)
            return await CommitAsync([PushHalves.Refuse(pushes[0])]);
        var left = (await CommitAsync([halves.Left]))[0];
        return left.Verdicts is null ? [left] : [left.Then((await CommitAsync([halves.Right]))[0])];
    }

    private static DateTimeOffset Later(DateTimeOffset a, DateTimeOffset b) => a > b ? a : b;

    private sealed class Waiting(ReceivedPush push, bool isUrgent)
    {
        private PushAnswer? begun;
        private HashSet<DeviceId>? devices;

        /// <summary>What is still to be decided of it.</summary>
        public ReceivedPush Push { get; private set; } = push;

        public bool IsUrgent { get; } = isUrgent;

        public Activity? Caller { get; } = Activity.Current;

        public bool IsBegun => begun is not null;

        public long Bytes { get; } = push.Changes.Sum(change => EntrySize.Of(change.Fields));

        public TaskCompletionSource<IReadOnlyList<Verdict>> Answer { get; } =
            new(TaskCreationOptions.RunContinuationsAsynchronously);

        /// <summary>Whether it must not be decided before another is done.</summary>
        public bool Follows(Waiting other) => !Push.IsServer && Devices.Overlaps(other.Devices);

        /// <summary>Whose sequences it has to do with; one that gave up its identity names the old one.</summary>
        private HashSet<DeviceId> Devices =>
            devices ??= [
                Push.Device,
                .. Push.Replaces is { } replaced ? [replaced.Device] : Array.Empty<DeviceId>(),
                .. Push
                    .Changes.SelectMany(change => change.Sent.First ?? [])
                    .Select(first => first.Device),
            ];

        public void TakePart(PushAnswer answer, ReceivedPush rest)
        {
            begun = begun?.Then(answer) ?? answer;
            Push = rest;
        }

        /// <returns>Why it was refused, if it was.</returns>
        public SyncException? Take(PushAnswer last)
        {
            var answer = (begun?.Then(last) ?? last).WithinFrame();
            if (answer.Error is { } error)
                Answer.SetException(error);
            else
                Answer.SetResult(answer.Verdicts!);
            return answer.Error;
        }
    }
}
