using System.Globalization;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Orchestra.Database.Redis;
using Orchestra.Silo.Configuration;
using Orchestra.Sync.Relay;

namespace Orchestra.Silo.Hosting;

/// <summary>What is shared between clusters and gateways over Redis, where the settings name one.</summary>
internal static class RedisSetup
{
    public static async Task AddRedisAsync(this IServiceCollection services, SiloSettings settings)
    {
        if (settings.Redis is not { } connectionString)
            return;
        var redis = await RedisConnection.OpenAsync(connectionString, TimeProvider.System);
        // By way of a factory, because the container closes only what it made.
        services.AddSingleton(provider =>
            redis.LogTo(provider.GetRequiredService<ILoggerFactory>())
        );
        services.AddSingleton<IOwnerRelay>(provider => new RedisRelay(
            provider.GetRequiredService<RedisConnection>(),
            settings.Cluster.Id
        ));
        services.AddSingleton<IPresenceRelay, RedisPresence>();
        services.AddSingleton<IRateRelay, RedisRates>();
        services.AddSingleton<ISeatRelay, RedisSeats>();
        services.AddHealthChecks().AddCheck<RedisCheck>("redis");
    }
}

/// <summary>Without Redis everything works, only later: that is worth a sentence, not a restart.</summary>
internal sealed class RedisCheck(RedisConnection redis) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(
        HealthCheckContext context,
        CancellationToken cancellationToken = default
    ) =>
        Task.FromResult(
            redis.Trouble is { } trouble
                ? HealthCheckResult.Degraded(
                    string.Create(
                        CultureInfo.InvariantCulture,
                        $"Redis cannot be reached ({trouble}): other clusters' changes arrive within 30 seconds"
                    )
                )
                : HealthCheckResult.Healthy()
        );
}
