using System.Diagnostics.Metrics;
using Orchestra.Database.Redis;

namespace Orchestra.Silo.Hosting;

/// <summary>What the process knows of its surroundings, read when somebody asks.</summary>
internal sealed class HostGauges
{
    public HostGauges(
        IMeterFactory meters,
        IHostApplicationLifetime lifetime,
        ISiloStatusOracle? silos = null,
        RedisConnection? redis = null,
        DataDirectory? data = null
    )
    {
        var meter = meters.Create("Orchestra.Silo");
        meter.CreateObservableGauge(
            "orchestra.draining",
            () => lifetime.ApplicationStopping.IsCancellationRequested ? 1 : 0,
            description: "Whether this process is stopping"
        );
        if (silos is not null)
            meter.CreateObservableGauge(
                "orchestra.cluster.silos",
                () => silos.GetApproximateSiloStatuses(onlyActive: true).Count,
                "{silo}",
                "Silos of the cluster, as this one sees it"
            );
        if (redis is not null)
            meter.CreateObservableGauge(
                "orchestra.redis.up",
                () => redis.Trouble is null ? 1 : 0,
                description: "Whether Redis answers"
            );
        if (data is not null)
            meter.CreateObservableGauge(
                "orchestra.data.free",
                () => new DriveInfo(data.Path).AvailableFreeSpace,
                "By",
                "Free space where the data directory is"
            );
    }
}
