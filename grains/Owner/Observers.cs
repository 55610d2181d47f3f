using Microsoft.Extensions.Logging;
using Orchestra.Grains.Interfaces;
using Orchestra.Grains.Measuring;
using Orchestra.Sync;
using Orchestra.Sync.Reading;
using Orchestra.Sync.Store;

namespace Orchestra.Grains.Owner;

/// <summary>
/// The gateways that listen to one owner. Each has a pump of its own with one awaited call in
/// flight, so that a dead gateway delays nobody, and order holds.
/// </summary>
internal sealed class Observers(OwnerId owner, TimeProvider time, ILogger logger)
{
    /// <summary>A commit larger than this is announced, not sent: gateways page through it.</summary>
    private const long PageBytes = 1024 * 1024;

    /// <summary>Pages waiting for one gateway; beyond it they become one announcement.</summary>
    private const int QueuePages = 64;

    private readonly Dictionary<IOwnerObserver, Subscription> subscriptions = [];

    public bool AreNone => subscriptions.Count == 0;

    public void Add(IOwnerObserver observer)
    {
        if (!subscriptions.TryGetValue(observer, out var subscription))
            subscriptions[observer] = subscription = new Subscription(observer);
        subscription.Until = time.GetUtcNow() + ObserverLease.Length;
    }

    public void Remove(IOwnerObserver observer) => subscriptions.Remove(observer);

    public void Publish(OwnerCommit commit)
    {
        if (commit.Log.Count == 0)
            return;
        var size = commit.Log.Sum(entry => EntrySize.Of(entry.Fields));
        if (size > PageBytes)
            Announce(commit.Head);
        else
            Send(LogPage.OfCommit(commit.Head, commit.Log), commit.Head);
    }

    /// <summary>Says how far the history goes, and nothing of what is in it.</summary>
    public void Announce(OwnerHead head) => Send(Announcement(head), head);

    /// <summary>Says to all but one that a device is there now. Nobody waits for it.</summary>
    public void TellOthers(IOwnerObserver there, DeviceId device)
    {
        DropExpired();
        foreach (var observer in subscriptions.Keys)
            if (!observer.Equals(there))
                _ = TellAsync(observer, device);
    }

    private static ChangesPage Announcement(OwnerHead head) =>
        new(
            head.Epoch,
            head.Version,
            head.Version,
            null,
            false,
            null,
            null,
            null,
            head.Version,
            []
        );

    private void Send(ChangesPage page, OwnerHead head)
    {
        DropExpired();
        foreach (var subscription in subscriptions.Values)
        {
            var isFull = subscription.Pages.Count >= QueuePages;
            if (isFull)
                subscription.Pages.Clear();
            subscription.Pages.Enqueue(isFull ? Announcement(head) : page);
            if (!subscription.IsSending)
                _ = SendAsync(subscription);
        }
    }

    private void DropExpired()
    {
        var now = time.GetUtcNow();
        foreach (var (observer, subscription) in subscriptions)
            if (subscription.Until < now)
                subscriptions.Remove(observer);
    }

    private async Task SendAsync(Subscription subscription)
    {
        subscription.IsSending = true;
        BatchTrace.Leave();
        while (subscription.Pages.TryDequeue(out var page))
        {
            try
            {
                await subscription.Observer.OnCommitted(page);
            }
            catch (Exception e)
            {
                // The gateway notices the gap by the versions, or by the heartbeat at the latest.
                Log.DeliveryFailed(logger, owner, page.From, page.To, e);
            }
        }
        subscription.IsSending = false;
    }

    private async Task TellAsync(IOwnerObserver observer, DeviceId device)
    {
        try
        {
            await observer.OnMoved(device);
        }
        catch (Exception e)
        {
            // A gateway that is gone has no socket either.
            Log.MoveUntold(logger, owner, e);
        }
    }

    private sealed class Subscription(IOwnerObserver observer)
    {
        public IOwnerObserver Observer { get; } = observer;

        public Queue<ChangesPage> Pages { get; } = [];

        public DateTimeOffset Until { get; set; }

        public bool IsSending { get; set; }
    }
}
