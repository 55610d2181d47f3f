using Microsoft.AspNetCore.Diagnostics.HealthChecks;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Orchestra.Silo.Configuration;
using Orchestra.Silo.Events;
using Orleans.Dashboard;

namespace Orchestra.Silo.Hosting;

/// <summary>What operators and orchestrators look at. Never reachable through the gateway.</summary>
internal static class AdminEndpoints
{
    public static void AddAdmin(this IServiceCollection services) =>
        services.AddHealthChecks().AddCheck<ReadinessCheck>("ready");

    public static void MapAdmin(this IEndpointRouteBuilder admin, SiloSettings settings)
    {
        admin.MapHealthChecks("/health/live", new HealthCheckOptions { Predicate = _ => false });
        admin.MapHealthChecks("/health/ready");
        // They show what every grain and every owner does, and ask nobody who they are.
        if (!settings.Admin.IsLoopback)
            return;
        admin.MapOrleansDashboard("/dashboard");
        admin.MapEvents();
    }
}

/// <summary>Ready = owners' data can be read through the cluster, and the silo is not leaving.</summary>
internal sealed class ReadinessCheck(IGrainFactory grains, IHostApplicationLifetime lifetime)
    : IHealthCheck
{
    public async Task<HealthCheckResult> CheckHealthAsync(
        HealthCheckContext context,
        CancellationToken cancellationToken = default
    )
    {
        if (lifetime.ApplicationStopping.IsCancellationRequested)
            return HealthCheckResult.Unhealthy("draining");
        await grains.GetGrain<Grains.Interfaces.IStoreReaderGrain>(0).ReadHeads([]);
        return HealthCheckResult.Healthy();
    }
}
