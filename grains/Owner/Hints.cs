using Microsoft.Extensions.Logging;
using Orchestra.Sync;
using Orchestra.Sync.Relay;

namespace Orchestra.Grains.Owner;

/// <summary>
/// What other clusters say of an owner. A hint that names more than is known makes the grain ask the
/// store, and that is all it does: one question at a time, and never many in a row for nothing.
/// </summary>
internal sealed class Hints(
    OwnerId owner,
    IOwnerRelay relay,
    Func<OwnerHead?> known,
    Func<Task<OwnerHead>> lookUp,
    TimeProvider time,
    ILogger logger
)
{
    /// <summary>The least time between two questions.</summary>
    private static readonly TimeSpan Spacing = TimeSpan.FromMilliseconds(20);

    /// <summary>Likewise, after one that brought nothing new.</summary>
    private static readonly TimeSpan SpacingAfterNothing = TimeSpan.FromMilliseconds(500);

    private readonly Lock gate = new();
    private IDisposable? subscription;
    private HeadHint? greatest;
    private bool isFollowing;
    private long askedAt;
    private TimeSpan spacing;

    /// <summary>From now on, unless it does already. On the grain's scheduler.</summary>
    public void Listen()
    {
        if (subscription is not null)
            return;
        var scheduler = TaskScheduler.Current;
        subscription = relay.Listen(owner, hint => Hear(hint, scheduler));
    }

    /// <summary>Nothing refers to the grain any more when this has returned.</summary>
    public void Stop()
    {
        subscription?.Dispose();
        subscription = null;
    }

    /// <summary>On any thread, at any rate: a number is remembered, and one task begun.</summary>
    private void Hear(HeadHint hint, TaskScheduler scheduler)
    {
        lock (gate)
        {
            if (greatest is not { } other || IsGreater(hint, other))
                greatest = hint;
            if (isFollowing)
                return;
            isFollowing = true;
        }
        _ = Task.Factory.StartNew(
            FollowAsync,
            CancellationToken.None,
            TaskCreationOptions.DenyChildAttach,
            scheduler
        );
    }

    private async Task FollowAsync()
    {
        while (FindNews())
        {
            if (
                askedAt != 0
                && spacing - time.GetElapsedTime(askedAt) is var wait
                && wait > TimeSpan.Zero
            )
                await Task.Delay(wait, time);
            // The answer covers whatever was said until now.
            lock (gate)
                greatest = null;
            if (subscription is not null)
                await AskAsync();
        }
    }

    /// <summary>Whether a hint is waiting that is worth a question; if not, following ends.</summary>
    private bool FindNews()
    {
        lock (gate)
        {
            isFollowing =
                subscription is not null
                && greatest is { } hint
                && (known() is not { } head || hint.IsBeyond(head));
            if (!isFollowing)
                greatest = null;
            return isFollowing;
        }
    }

    private async Task AskAsync()
    {
        askedAt = time.GetTimestamp();
        spacing = SpacingAfterNothing;
        try
        {
            var before = known();
            RelayCounters.Lookups.Add(1);
            var now = await lookUp();
            if (before is null || new HeadHint(now.Epoch, now.Version).IsBeyond(before))
                spacing = Spacing;
        }
        catch (Exception e)
        {
            // The next hint, or the gateways' heartbeat, asks again.
            Log.HintNotFollowed(logger, owner, e);
        }
    }

    private static bool IsGreater(HeadHint a, HeadHint b) =>
        (a.Epoch, a.Version).CompareTo((b.Epoch, b.Version)) > 0;
}
