using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Orchestra.Grains.Owner;
using Orchestra.Grains.Store;

namespace Orchestra.Grains;

/// <summary>What the grains need besides a store, a catalog and a clock.</summary>
public static class GrainServices
{
    public static IServiceCollection AddSyncGrains(this IServiceCollection services)
    {
        services.AddOptions<CommitWriterOptions>();
        services.AddOptions<DevicePriorities>();
        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton<CommitWriter>();
        services.AddSingleton<RowReader>();
        return services;
    }
}
