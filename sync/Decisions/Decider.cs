using System.Collections.Immutable;
using Orchestra.Sync.Catalog;
using Orchestra.Sync.Errors;
using Orchestra.Sync.Store;

namespace Orchestra.Sync.Decisions;

/// <summary>What pushes of one owner amount to.</summary>
/// <param name="Commit">What to write; null if nothing is to be written.</param>
/// <param name="Answers">One a push, in order.</param>
/// <param name="After">What holds once the commit is durable.</param>
/// <param name="IsTooHeavy">
/// Whether they are too much for one commit: decide fewer of them, or a part, and then the rest.
/// There are no answers yet.
/// </param>
public sealed record Decision(
    OwnerCommit? Commit,
    IReadOnlyList<PushAnswer> Answers,
    OwnerState After,
    bool IsTooHeavy = false
);

/// <summary>Verdicts in order, or why the push was not taken at all. Exactly one is set.</summary>
public sealed record PushAnswer(IReadOnlyList<Verdict>? Verdicts, SyncException? Error);

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
        foreach (var push in pushes)
        {
            var current = state with { Cursors = cursors.ToImmutable() };
            if (!push.IsServer && SequenceCheck.Check(current, push) is { } error)
            {
                answers.Add(new(null, error));
                continue;
            }
            current = current with { Cursors = WithReplaced(current, push) };
            if (PushDecision.Take(batch, current, push) is not { } verdicts)
                return new(null, [], state, IsTooHeavy: true);
            answers.Add(new(verdicts, null));
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
            return new(null, answers, state);

        var commit = batch.ToCommit(state.Owner, [.. moved.Select(device => cursors[device])]);
        return new(commit, answers, After(state, commit, cursors.ToImmutable()));
    }

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
