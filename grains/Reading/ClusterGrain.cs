using Orchestra.Grains.Interfaces;
using Orleans.Concurrency;
using Orleans.Runtime;

namespace Orchestra.Grains.Reading;

/// <inheritdoc cref="IClusterGrain"/>
[StatelessWorker]
internal sealed class ClusterGrain(ISiloStatusOracle silos) : Grain, IClusterGrain
{
    public Task<IReadOnlySet<SiloAddress>> ReadLiveSilos() =>
        Task.FromResult<IReadOnlySet<SiloAddress>>(
            silos.GetApproximateSiloStatuses(onlyActive: true).Keys.ToHashSet()
        );
}
