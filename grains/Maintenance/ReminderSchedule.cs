using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Orchestra.Grains.Interfaces;

namespace Orchestra.Grains.Maintenance;

/// <summary>
/// Asks for the reminder once this silo is up. A cluster that cannot take it now is asked again: the
/// silo serves its users meanwhile.
/// </summary>
internal sealed class ReminderSchedule<TGrain>(
    IGrainFactory grains,
    IHostApplicationLifetime lifetime,
    TimeProvider time,
    ILogger<ReminderSchedule<TGrain>> logger
) : BackgroundService
    where TGrain : IScheduledGrain
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await lifetime.StartedAsync(stoppingToken);
        using var timer = new PeriodicTimer(Patience, time);
        while (!await TryScheduleAsync())
            await timer.WaitForNextTickAsync(stoppingToken);
    }

    private async Task<bool> TryScheduleAsync()
    {
        try
        {
            await grains.GetGrain<TGrain>(0).Schedule();
            return true;
        }
        catch (Exception e)
        {
            MaintenanceLog.NotScheduled(logger, typeof(TGrain).Name, e.Message);
            return false;
        }
    }
}
