using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Orchestra.Grains.Interfaces;
using Orchestra.Sync;

namespace Orchestra.Gateway.Feeds;

/// <summary>
/// Breaks a long silence: asks the database where the quiet owners are and passes it on, so that a
/// lost notification of any kind is found within the half minute. Sockets that take in nothing end here
/// too.
/// </summary>
internal sealed class Heartbeat(
    OwnerFeeds feeds,
    IGrainFactory grains,
    TimeProvider time,
    ILogger<Heartbeat> log,
    GatewayOptions? options = null
) : BackgroundService
{
    private readonly TimeSpan slowAfter = options?.Connections.SlowAfter ?? TimeSpan.MaxValue;

    private static readonly TimeSpan Silence = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Period = TimeSpan.FromSeconds(2);
    private const int OwnersPerQuery = 1000;

    protected override Task ExecuteAsync(CancellationToken stoppingToken) =>
        RunAsync(stoppingToken);

    /// <summary>Runs on the caller's scheduler.</summary>
    internal async Task RunAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Period, time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            foreach (var feed in feeds.All())
                feed.EndStalled(slowAfter);
            foreach (var quiet in Quiet().Chunk(OwnersPerQuery))
                await BeatAsync(quiet);
        }
    }

    private IEnumerable<OwnerFeed> Quiet() =>
        feeds.All().Where(feed => feed.IsSilentFor(Silence - Period));

    private async Task BeatAsync(OwnerFeed[] quiet)
    {
        try
        {
            OwnerId[] owners = [.. quiet.Select(feed => feed.Owner)];
            var heads = await grains.GetGrain<IStoreReaderGrain>(0).ReadHeads(owners);
            foreach (var feed in quiet)
                if (heads.TryGetValue(feed.Owner, out var head))
                    feed.Beat(head);
        }
        catch (Exception fault)
        {
            log.HeadsFailed(quiet.Length, fault);
        }
    }
}
