using System.Collections.Immutable;
using Orchestra.Grains.Events;
using Orchestra.Grains.Interfaces;
using Orleans.Runtime;
using Orleans.Streams;

namespace Orchestra.Silo.Events;

/// <summary>
/// The cluster's events on this silo: one subscription while anybody watches here, made anew when a
/// silo has joined or left, and when nothing is heard for a while, not even the feed's own beat.
/// </summary>
internal sealed class EventFeed(
    EventStreams streams,
    TimeProvider time,
    ILogger<EventFeed> logger,
    EventBuffer? buffer = null
) : BackgroundService
{
    public const int MaxWatchers = 32;

    private static readonly TimeSpan Period = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan BeatPeriod = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
    private static readonly OperatorEventBatch Beat = new([], 0);

    private readonly SemaphoreSlim joined = new(0);
    private readonly Lock access = new();
    private ImmutableArray<EventWatcher> watchers = [];
    private Subscription? subscription;
    private bool? isOpen;
    private bool isStopped;
    private long heardAt;
    private long beatAt;

    /// <returns>Null where enough watch already, or the silo is leaving.</returns>
    public EventWatcher? TryJoin(EventFilter filter)
    {
        lock (access)
        {
            if (isStopped || watchers.Length == MaxWatchers)
                return null;
            var watcher = new EventWatcher(filter, time, Leave);
            if (isOpen is { } known)
                watcher.Tell(known ? FeedItem.Ready : FeedItem.Unavailable);
            watchers = watchers.Add(watcher);
            joined.Release();
            return watcher;
        }
    }

    /// <summary>Ends every watcher's feed: the silo is stopping, and would wait for them.</summary>
    public void EndAll()
    {
        lock (access)
        {
            isStopped = true;
            foreach (var watcher in watchers)
                watcher.Complete();
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            await joined.WaitAsync(Period, stoppingToken);
            try
            {
                await FollowAsync();
            }
            catch (Exception e)
            {
                Drop();
                if (Say(isOpenNow: false, FeedItem.Unavailable))
                    FeedLog.NotSubscribed(logger, e.Message);
            }
        }
    }

    private async Task FollowAsync()
    {
        if (watchers.IsEmpty)
        {
            Drop();
            isOpen = null;
            return;
        }
        var current = streams.Current;
        if (subscription?.Stream != current || time.GetElapsedTime(heardAt) > Patience)
            await SubscribeAsync(current);
        if (time.GetElapsedTime(beatAt) < BeatPeriod)
            return;
        beatAt = time.GetTimestamp();
        await streams.Open(current).OnNextAsync(Beat);
    }

    private async Task SubscribeAsync(StreamId stream)
    {
        var wasOpen = isOpen == true && Say(isOpenNow: false, FeedItem.ClusterChanged);
        Drop();
        var handle = await streams.Open(stream).SubscribeAsync((batch, _) => HearAsync(batch));
        subscription = new Subscription(stream, handle);
        heardAt = time.GetTimestamp();
        buffer?.SeeWatcher();
        Say(isOpenNow: true, FeedItem.Ready);
        if (wasOpen)
            FeedLog.SubscribedAnew(logger);
    }

    private Task HearAsync(OperatorEventBatch batch)
    {
        heardAt = time.GetTimestamp();
        if (batch.Dropped > 0)
            Tell(FeedItem.Dropped(batch.Dropped));
        foreach (var happened in batch.Events)
            Tell(FeedItem.Of(happened));
        return Task.CompletedTask;
    }

    private void Tell(FeedItem item)
    {
        foreach (var watcher in watchers)
            watcher.Tell(item);
    }

    /// <summary>Tells everybody that the feed is open or is not, if that is news.</summary>
    private bool Say(bool isOpenNow, FeedItem item)
    {
        lock (access)
        {
            if (isOpen == isOpenNow)
                return false;
            isOpen = isOpenNow;
            Tell(item);
            return true;
        }
    }

    /// <summary>Whoever keeps the old subscription may be gone: nobody waits for his answer.</summary>
    private void Drop()
    {
        if (subscription is { } old)
            _ = old
                .Handle.UnsubscribeAsync()
                .ContinueWith(end => end.Exception, TaskScheduler.Default);
        subscription = null;
    }

    private void Leave(EventWatcher watcher)
    {
        lock (access)
            watchers = watchers.Remove(watcher);
    }

    private sealed record Subscription(
        StreamId Stream,
        StreamSubscriptionHandle<OperatorEventBatch> Handle
    );
}
