using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Orchestra.Grains.Contents;
using Orchestra.Grains.Embeddings;
using Orchestra.Grains.Events;
using Orchestra.Grains.Interfaces;
using Orchestra.Grains.Maintenance;
using Orchestra.Grains.Measuring;
using Orchestra.Grains.Owner;
using Orchestra.Grains.Store;
using Orchestra.Sync.Relay;
using Orchestra.Sync.Search;
using Orchestra.Sync.Store;

namespace Orchestra.Grains;

/// <summary>
/// What the grains need besides a store, a catalog, a clock and, if there are other clusters, a relay.
/// </summary>
public static class GrainServices
{
    public static IServiceCollection AddSyncGrains(this IServiceCollection services)
    {
        services.AddOptions<CommitWriterOptions>();
        services.AddOptions<DevicePriorities>();
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton<IOwnerRelay, NoRelay>();
        services.TryAddSingleton<IEventSink>(NoEvents.Instance);
        services.AddSingleton<CommitWriter>();
        services.AddSingleton<RowReader>();
        services.AddSingleton<HeavyWork>();
        services.AddTransient<Roster>();
        services.AddSingleton<IIncomingGrainCallFilter, FaultsWithoutCauses>();
        return services;
    }

    /// <summary>What happens to owners is published for operators. On a silo with the stream.</summary>
    public static IServiceCollection AddEventPublisher(this IServiceCollection services)
    {
        services.AddSingleton<EventBuffer>();
        services.AddSingleton<IEventSink>(provider => provider.GetRequiredService<EventBuffer>());
        services.AddHostedService<EventPublisher>();
        return services;
    }

    /// <summary>Where grains keep what may be lost: the caller registers a grain storage of that name.</summary>
    public const string SoftStorage = Roster.Storage;

    /// <summary>Contents that are of no use are deleted. The caller registers where they are kept.</summary>
    public static IServiceCollection AddContentCollector(
        this IServiceCollection services,
        ContentRetention retention
    )
    {
        services.AddSingleton(retention);
        services.AddSingleton<ContentCollector>();
        services.AddHostedService<ReminderSchedule<IContentsGrain>>();
        return services;
    }

    /// <summary>Whether the store answers is asked all the time. The caller registers the store.</summary>
    public static IServiceCollection AddStoreProbe(this IServiceCollection services)
    {
        services.AddSingleton<StoreProbe>();
        services.AddHostedService(provider => provider.GetRequiredService<StoreProbe>());
        return services;
    }

    /// <summary>
    /// One silo of the cluster measures the store now and then. The caller registers what can.
    /// </summary>
    public static IServiceCollection AddStoreMeasuring(this IServiceCollection services)
    {
        services.AddSingleton<StoreGauges>();
        services.AddHostedService<StoreMeasuring>();
        return services;
    }

    /// <summary>
    /// Searches by meaning, where the store keeps vectors. The caller registers that, and the model before,
    /// if there is one.
    /// </summary>
    public static IServiceCollection AddMeaning(
        this IServiceCollection services,
        IMeaningStore store
    )
    {
        services.AddSingleton(store);
        services.AddSingleton<RowTexts>();
        services.AddSingleton<Meaning>();
        return services;
    }

    /// <summary>What owners write is embedded. Needs the model, and where events are published.</summary>
    public static IServiceCollection AddEmbeddings(
        this IServiceCollection services,
        EmbeddingSchedule schedule
    )
    {
        services.AddSingleton(schedule);
        services.AddSingleton<EmbeddingRun>();
        services.AddHostedService<ReminderSchedule<IEmbeddingGrain>>();
        return services;
    }

    /// <summary>Maintenance every hour, where the store has it: the caller registers that.</summary>
    public static IServiceCollection AddMaintenance(
        this IServiceCollection services,
        Retention retention
    )
    {
        services.AddSingleton(retention);
        services.AddHostedService<ReminderSchedule<IMaintenanceGrain>>();
        return services;
    }
}
