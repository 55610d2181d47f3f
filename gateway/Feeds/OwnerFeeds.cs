using Microsoft.Extensions.Logging;
using Orchestra.Gateway.Requests;
using Orchestra.Sync;
using Orchestra.Sync.Relay;

namespace Orchestra.Gateway.Feeds;

/// <summary>The owners that have a socket here. A feed lives as long as somebody is in it.</summary>
/// <remarks>Without a relay, presence is that of this process.</remarks>
internal sealed class OwnerFeeds(
    IGrainFactory grains,
    CatalogView catalogs,
    TimeProvider time,
    ILogger<OwnerFeeds> log,
    IPresenceRelay? presence = null,
    TaskScheduler? scheduler = null
)
{
    private readonly Lock gate = new();
    private readonly Dictionary<OwnerId, (OwnerFeed Feed, int Visitors)> feeds = [];
    private int devices;

    /// <summary>How many there are, and how many devices are in them.</summary>
    public (int Owners, int Devices) Count()
    {
        lock (gate)
            return (feeds.Count, devices);
    }

    public IReadOnlyList<OwnerFeed> All()
    {
        lock (gate)
            return [.. feeds.Values.Select(entry => entry.Feed)];
    }

    /// <summary>The owner's feed; it stays until everyone who entered has left.</summary>
    public OwnerFeed Enter(OwnerId owner)
    {
        lock (gate)
        {
            var (feed, visitors) = feeds.GetValueOrDefault(owner);
            feed ??= new OwnerFeed(owner, grains, catalogs, time, presence, scheduler);
            feeds[owner] = (feed, visitors + 1);
            devices++;
            return feed;
        }
    }

    public async Task LeaveAsync(OwnerFeed feed)
    {
        lock (gate)
        {
            var (_, visitors) = feeds[feed.Owner];
            feeds[feed.Owner] = (feed, visitors - 1);
            devices--;
            if (visitors > 1)
                return;
            feeds.Remove(feed.Owner);
        }
        try
        {
            await feed.UnsubscribeAsync();
        }
        catch (Exception fault)
        {
            // The lease ends the subscription anyway.
            log.UnsubscribeFailed(feed.Owner, fault);
        }
    }
}
