using Orchestra.Grains.Events;
using Orchestra.Grains.Interfaces;
using Orchestra.Grains.Measuring;
using Orchestra.Sync;
using Orchestra.Sync.Decisions;
using Orchestra.Sync.Errors;
using Orchestra.Sync.Store;

namespace Orchestra.Grains.Owner;

/// <summary>What operators learn of one owner, in numbers and, while somebody watches, one by one.</summary>
internal sealed class OwnerEvents(OwnerId owner, IEventSink sink, TimeProvider time)
{
    /// <summary>A commit is durable: itself, and what lost or was refused in it.</summary>
    public void Committed(OwnerCommit commit)
    {
        Count(commit);
        if (!sink.IsWatched)
            return;
        var at = time.GetUtcNow();
        sink.Add(
            new(
                at,
                OperatorEventKind.Commit,
                owner,
                WriterOf(commit),
                From: commit.Log.Count == 0 ? null : commit.Log[0].Version,
                To: commit.Log.Count == 0 ? null : commit.Log[^1].Version,
                Count: commit.Log.Count
            )
        );
        foreach (var group in commit.Conflicts.GroupBy(c => OfConflict(at, c)))
            sink.Add(group.Key with { Count = group.Count() });
    }

    /// <summary>A push was answered; an error means that nothing of it was taken.</summary>
    public void Answered(ReceivedPush push, Exception? error)
    {
        if (error is not SyncException { Code: var code })
            return;
        GrainMeter.Reject(code, push.Changes.Count);
        if (sink.IsWatched)
            sink.Add(
                new(
                    time.GetUtcNow(),
                    OperatorEventKind.Rejection,
                    owner,
                    push.Device,
                    Detail: code.Name(),
                    Count: push.Changes.Count
                )
            );
    }

    /// <summary>A commit did not take effect, or nobody knows whether it did.</summary>
    public void LostFence(CommitOutcome outcome)
    {
        GrainMeter.LoseFence(outcome);
        if (sink.IsWatched)
            sink.Add(
                new(
                    time.GetUtcNow(),
                    OperatorEventKind.LostFence,
                    owner,
                    Detail: EnumNames<CommitOutcome>.Write(outcome)
                )
            );
    }

    /// <summary>A device must start anew.</summary>
    public void Reset(ResetReason reason)
    {
        GrainMeter.Reset(reason);
        if (sink.IsWatched)
            sink.Add(
                new(
                    time.GetUtcNow(),
                    OperatorEventKind.Reset,
                    owner,
                    Detail: EnumNames<ResetReason>.Write(reason)
                )
            );
    }

    private static void Count(OwnerCommit commit)
    {
        GrainMeter.Commits.Add(1);
        GrainMeter.Changes.Add(commit.Log.Count);
        foreach (var conflict in commit.Conflicts)
            if (conflict.Verdict != ConflictVerdict.Rejected)
                GrainMeter.Conflict(conflict.Verdict);
            else if (conflict.Code is { } code)
                GrainMeter.Reject(code);
    }

    /// <summary>A rejected change may name an entity type that there is none of: that stays out.</summary>
    private OperatorEvent OfConflict(DateTimeOffset at, Conflict conflict) =>
        conflict.Verdict == ConflictVerdict.Rejected
            ? new(
                at,
                OperatorEventKind.Rejection,
                owner,
                conflict.Device,
                Detail: conflict.Code?.Name()
            )
            : new(
                at,
                OperatorEventKind.Conflict,
                owner,
                conflict.Device,
                conflict.Entity,
                EnumNames<ConflictVerdict>.Write(conflict.Verdict)
            );

    /// <summary>The only device whose changes are in it.</summary>
    private static DeviceId? WriterOf(OwnerCommit commit)
    {
        var devices = commit.Cursors.Select(cursor => cursor.Device).Distinct().Take(2).ToArray();
        return devices switch
        {
            [] => DeviceId.Server,
            [var only] => only,
            _ => null,
        };
    }
}
