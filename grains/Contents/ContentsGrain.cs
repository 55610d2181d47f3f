using Microsoft.Extensions.Logging;
using Orchestra.Grains.Interfaces;
using Orchestra.Grains.Maintenance;
using Orchestra.Grains.Measuring;

namespace Orchestra.Grains.Contents;

/// <inheritdoc cref="IContentsGrain"/>
internal sealed class ContentsGrain(ContentCollector collector, ILogger<ContentsGrain> logger)
    : ScheduledGrain(GrainMeter.Contents, Period, logger),
        IContentsGrain
{
    private static readonly TimeSpan Period = TimeSpan.FromDays(1);

    protected override async Task WorkAsync(CancellationToken cancellation)
    {
        var collected = await collector.RunAsync(cancellation);
        ContentsLog.Collected(logger, collected.Unused, collected.Lost, collected.Unfinished);
    }
}
