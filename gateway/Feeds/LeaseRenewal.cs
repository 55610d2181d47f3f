using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Orchestra.Gateway.Quotas;
using Orchestra.Grains.Interfaces;
using Orleans.Runtime;

namespace Orchestra.Gateway.Feeds;

/// <summary>
/// Renews the subscriptions before their leases end, and at once where a grain's silo is no longer
/// there: a grain that moved has forgotten its observers, and would tell nobody what is new. What
/// other gateways know is renewed too.
/// </summary>
internal sealed class LeaseRenewal(
    OwnerFeeds feeds,
    IGrainFactory grains,
    TimeProvider time,
    ILogger<LeaseRenewal> log,
    Admission? admission = null
) : BackgroundService
{
    private static readonly TimeSpan Period = TimeSpan.FromSeconds(1);
    private const int AtOnce = 64;

    protected override Task ExecuteAsync(CancellationToken stoppingToken) =>
        RunAsync(stoppingToken);

    /// <summary>Runs on the caller's scheduler.</summary>
    internal async Task RunAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Period, time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            var all = feeds.All();
            foreach (var feed in all)
                feed.RenewPresence();
            admission?.Renew();
            if (all.Count > 0)
                await RenewAsync(all);
        }
    }

    private async Task RenewAsync(IReadOnlyList<OwnerFeed> all)
    {
        var live = await ReadLiveSilosAsync();
        foreach (var due in all.Where(feed => feed.NeedsRenewal(live)).Chunk(AtOnce))
            await Task.WhenAll(due.Select(RenewAsync));
    }

    private async Task<IReadOnlySet<SiloAddress>?> ReadLiveSilosAsync()
    {
        try
        {
            return await grains.GetGrain<IClusterGrain>(0).ReadLiveSilos();
        }
        catch (Exception fault)
        {
            log.SilosUnknown(fault);
            return null;
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
