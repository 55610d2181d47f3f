using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Orchestra.Grains.Interfaces;

namespace Orchestra.Grains.Measuring;

/// <summary>
/// Sees to it that somebody measures the store: every silo asks the one grain, each at moments of its
/// own.
/// </summary>
internal sealed class StoreMeasuring(
    IGrainFactory grains,
    IHostApplicationLifetime lifetime,
    TimeProvider time,
    ILogger<StoreMeasuring> logger
) : BackgroundService
{
    private static readonly TimeSpan Period = TimeSpan.FromSeconds(30);

    private readonly Random random = new();

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await lifetime.StartedAsync(stoppingToken);
        while (true)
        {
            await MeasureAsync();
            await Task.Delay(Period * (1 + random.NextDouble() / 3), time, stoppingToken);
        }
    }

    private async Task MeasureAsync()
    {
        try
        {
            await grains.GetGrain<IStoreMeasuringGrain>(0).Measure();
        }
        catch (Exception e)
        {
            // The store is away, or silos come and go; the probe tells the one, the others themselves.
            MeasuringLog.NotMeasured(logger, e.Message);
        }
    }
}
