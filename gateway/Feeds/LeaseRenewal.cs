using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Orchestra.Gateway.Feeds;

/// <summary>
/// Renews the subscriptions before their leases end. A grain that moved or restarted has forgotten
/// its observers: this is also how it meets them again. What other gateways know is renewed too.
/// </summary>
internal sealed class LeaseRenewal(OwnerFeeds feeds, TimeProvider time, ILogger<LeaseRenewal> log)
    : BackgroundService
{
    private static readonly TimeSpan Period = TimeSpan.FromSeconds(2);
    private const int AtOnce = 64;

    protected override Task ExecuteAsync(CancellationToken stoppingToken) =>
        RunAsync(stoppingToken);

    /// <summary>Runs on the caller's scheduler.</summary>
    internal async Task RunAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Period, time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            foreach (var feed in feeds.All())
                feed.RenewPresence();
            foreach (var due in feeds.All().Where(feed => feed.NeedsRenewal).Chunk(AtOnce))
                await Task.WhenAll(due.Select(RenewAsync));
        }
    }

    private async Task RenewAsync(OwnerFeed feed)
    {
        try
        {
            await feed.SubscribeAsync();
        }
        catch (Exception fault)
        {
            log.RenewalFailed(feed.Owner, fault);
        }
    }
}
