using Microsoft.Extensions.Diagnostics.HealthChecks;
using Orchestra.Grains.Interfaces;
using Orchestra.Grains.Measuring;

namespace Orchestra.Silo.Hosting;

/// <summary>
/// Everything in the process is up, and it is not leaving: as soon as it is told to, and before any
/// socket is closed, it is no place for new ones.
/// </summary>
internal sealed class ServingCheck(IHostApplicationLifetime lifetime) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(
        HealthCheckContext context,
        CancellationToken cancellationToken = default
    ) =>
        Task.FromResult(
            lifetime.ApplicationStopping.IsCancellationRequested
                ? HealthCheckResult.Unhealthy("draining")
            : lifetime.ApplicationStarted.IsCancellationRequested ? HealthCheckResult.Healthy()
            : HealthCheckResult.Unhealthy("starting")
        );
}

/// <summary>
/// A silo that has owners' grains answers: this one itself, or for a gateway another that it knows.
/// </summary>
internal sealed class ClusterCheck(IGrainFactory grains) : IHealthCheck
{
    public async Task<HealthCheckResult> CheckHealthAsync(
        HealthCheckContext context,
        CancellationToken cancellationToken = default
    )
    {
        try
        {
            await grains.GetGrain<IClusterGrain>(0).ReadLiveSilos().WaitAsync(cancellationToken);
            return HealthCheckResult.Healthy();
        }
        catch (Exception)
        {
            // Whatever it is, nobody is served.
            return HealthCheckResult.Unhealthy("no sync silo of the cluster answers");
        }
    }
}

/// <summary>
/// Without the store nothing is taken, but devices are told so and keep what they have; a restart would
/// not mend it.
/// </summary>
internal sealed class StoreCheck(StoreProbe probe) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(
        HealthCheckContext context,
        CancellationToken cancellationToken = default
    ) =>
        Task.FromResult(
            probe.IsAnswering
                ? HealthCheckResult.Healthy()
                : HealthCheckResult.Degraded(
                    "The store does not answer: devices keep their changes and come again"
                )
        );
}
