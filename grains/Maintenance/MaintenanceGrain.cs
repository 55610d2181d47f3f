using Microsoft.Extensions.Logging;
using Orchestra.Grains.Interfaces;
using Orchestra.Grains.Measuring;
using Orchestra.Sync.Store;

namespace Orchestra.Grains.Maintenance;

/// <inheritdoc cref="IMaintenanceGrain"/>
internal sealed class MaintenanceGrain(
    IStoreMaintenance maintenance,
    Retention retention,
    ILogger<MaintenanceGrain> logger
) : ScheduledGrain(GrainMeter.Maintenance, Period, logger), IMaintenanceGrain
{
    private static readonly TimeSpan Period = TimeSpan.FromHours(1);

    protected override Task WorkAsync(CancellationToken cancellation) =>
        maintenance.RunAsync(retention, Silence.Instance, cancellation);

    /// <summary>The store logs what it did; nobody watches the steps.</summary>
    private sealed class Silence : IProgress<string>
    {
        public static readonly Silence Instance = new();

        public void Report(string value) { }
    }
}
