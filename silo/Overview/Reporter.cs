using Orchestra.Grains.Interfaces;
using Orchestra.Silo.Configuration;
using Orchestra.Silo.Hosting;

namespace Orchestra.Silo.Overview;

/// <summary>Tells the cluster every five seconds what this process has counted and measured.</summary>
internal sealed class Reporter(
    IGrainFactory grains,
    SiloSettings settings,
    ReportReader reader,
    TimeProvider time,
    ILogger<Reporter> logger
) : BackgroundService
{
    /// <summary>A process that leaves does not stay for a cluster that does not listen.</summary>
    private static readonly TimeSpan LastPatience = TimeSpan.FromSeconds(1);

    private readonly string process = $"{Environment.MachineName}:{Environment.ProcessId}";
    private readonly DateTimeOffset startedAt = time.GetUtcNow();
    private bool isHeard = true;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(ClusterOverview.Step, time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
            await ReportAsync(Timeout.InfiniteTimeSpan);
    }

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        await ReportAsync(LastPatience);
    }

    private async Task ReportAsync(TimeSpan patience)
    {
        try
        {
            var report = new ProcessReport(
                process,
                settings.Roles,
                ProductVersion.Text,
                startedAt,
                reader.Read()
            );
            await grains.GetGrain<IOverviewGrain>(0).Report(report).WaitAsync(patience);
            isHeard = true;
        }
        catch (Exception e)
        {
            // Silos come and go. What was counted meanwhile is told the next time.
            if (isHeard)
                OverviewLog.NotReported(logger, e.Message);
            isHeard = false;
        }
    }
}
