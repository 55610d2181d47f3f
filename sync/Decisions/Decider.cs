using System.Collections.Immutable;
using Orchestra.Sync.Catalog;
using Orchestra.Sync.Errors;
using Orchestra.Sync.Store;

namespace Orchestra.Sync.Decisions;

/// <summary>What pushes of one owner amount to.</summary>
/// <param name="Commit">What to write; null if nothing is to be written.</param>
/// <param name="Answers">
/// One a push, in order, as far as they were decided; the last may be about a push's first changes.
/// </param>
/// <param name="After">What holds once the commit is durable.</param>
/// <param name="Rest">What is too much for one commit and is to be decided after it; mostly nothing.</param>
public sealed record Decision(
    OwnerCommit? Commit,
    IReadOnlyList<PushAnswer> Answers,
    OwnerState After,
    IReadOnlyList<ReceivedPush> Rest
);

/// <summary>
/// Decides pushes of one owner: a pure function of what the owner has and what is asked of him.
/// </summary>
public static class Decider
{
    /// <param name="catalog">The entity types.</param>
    /// <param name="state">The owner, as the store has it.</param>
    /// <param name="loaded">The rows that <see cref="RowNeeds"/> named.</param>
    /// <param name="pushes">In the order in which they were accepted.</param>
    /// <param name="now">The commit's time; never before the owner's last.</param>
    public static Decision Decide(
        EntityCatalog catalog,
        OwnerState state,
        RowSet loaded,
        IReadOnlyList<ReceivedPush> pushes,
        DateTimeOffset now
    )
    {
        var at = now > state.Head.LastCommitAt ? now : state.Head.LastCommitAt;
        var rows = new RowSpace(catalog, loaded, state.Head.LogHorizon);
        var batch = new Batch(state.Head, rows, at);
        var cursors = state.Cursors.ToBuilder();
        var moved = new HashSet<DeviceId>();
        var answers = new List<PushAnswer>(pushes.Count);
        var wrote = false;
        var rest = new Queue<ReceivedPush>(pushes);
        while (!batch.IsTooHeavy && rest.TryDequeue(out var push))
        {
            var current = state with { Cursors = cursors.ToImmutable() };
            if (push.OnlyAfter is { } last && (last != state.Head.CommitNo || answers.Count > 0))
            {
                answers.Add(new(null, OthersWrote()));
                continue;
            }
            if (!push.IsServer && SequenceCheck.Check(current, push) is { } error)
            {
                answers.Add(new(null, error));
                continue;
            }
            current = current with { Cursors = WithReplaced(current, push) };
            var verdicts = PushDecision.Take(batch, current, push);
            answers.Add(new(verdicts, null));
            if (verdicts.Count < push.Changes.Count)
            {
                rest = new([push.From(verdicts.Count), .. rest]);
                push = push.UpTo(verdicts.Count);
            }
            wrote |= push.IsServer;
            if (push.IsServer)
                continue;
            var before = state.CursorOf(push.Device);
            var after = PushDecision.Advance(current.CursorOf(push.Device), push, verdicts);
            cursors[push.Device] = after;
            if (after != before)
                moved.Add(push.Device);
        }
        if (!wrote && moved.Count == 0)
            return new(null, answers, state, [.. rest]);

        var commit = batch.ToCommit(state.Owner, [.. moved.Select(device => cursors[device])]);
        return new(commit, answers, After(state, commit, cursors.ToImmutable()), [.. rest]);
    }

    private static SyncException OthersWrote() =>
        new(ErrorCode.Overloaded, "Others have written for this owner meanwhile");

    private static ImmutableDictionary<DeviceId, DeviceCursor> WithReplaced(
        OwnerState state,
        ReceivedPush push
    ) =>
        push.Replaces is { } replaces
            ? state.Cursors.SetItem(
                push.Device,
                state.CursorOf(push.Device) with
                {
                    Replaces = replaces,
                }
            )
            : state.Cursors;

    private static OwnerState After(
        OwnerState state,
        OwnerCommit commit,
        ImmutableDictionary<DeviceId, DeviceCursor> cursors
    )
    {
        var devices = state.Devices;
        foreach (var write in commit.Rows)
            if (write.After.Key.Entity == EngineEntities.Devices)
                devices = devices.SetItem(new DeviceId(write.After.Key.Id), write.After);
        return state with { Head = commit.Head, Cursors = cursors, Devices = devices };
    }
}
