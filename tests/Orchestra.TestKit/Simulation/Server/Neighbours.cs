using Orchestra.Grains.Interfaces;
using Orleans.Runtime;

namespace Orchestra.TestKit.Simulation.Server;

/// <summary>Who is in the cluster: a silo that died is known to be gone at once.</summary>
internal sealed class Neighbours(Cluster cluster) : IClusterGrain
{
    public Task<IReadOnlySet<SiloAddress>> ReadLiveSilos() =>
        Task.FromResult<IReadOnlySet<SiloAddress>>(
            cluster.Silos.Select(silo => silo.Address).ToHashSet()
        );
}
