using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Orchestra.Grains.Interfaces;
using Orchestra.Sync;

namespace Orchestra.Gateway.Feeds;

/// <summary>
/// Tells the grains how far devices are, the latest of each every few seconds: it matters for what
/// may be collected one day, not for any answer now.
/// </summary>
internal sealed class AckForwarder(
    IGrainFactory grains,
    TimeProvider time,
    ILogger<AckForwarder> log
) : BackgroundService
{
    private static readonly TimeSpan Period = TimeSpan.FromSeconds(3);

    private readonly Lock gate = new();
    private Dictionary<(OwnerId Owner, DeviceId Device), (long Epoch, long Version)> latest = [];

    public void Note(OwnerId owner, DeviceId device, long epoch, long version)
    {
        lock (gate)
            latest[(owner, device)] = (epoch, version);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Period, time);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken))
                await ForwardAsync();
        }
        catch (OperationCanceledException)
        {
            await ForwardAsync();
        }
    }

    private async Task ForwardAsync()
    {
        Dictionary<(OwnerId Owner, DeviceId Device), (long Epoch, long Version)> due;
        lock (gate)
        {
            due = latest;
            latest = [];
        }
        foreach (var ((owner, device), (epoch, version)) in due)
        {
            try
            {
                await grains.GetGrain<ISyncGrain>(owner.Value).Acknowledge(device, epoch, version);
            }
            catch (Exception fault)
            {
                log.AckFailed(owner, fault);
            }
        }
    }
}
