using Orleans;
using Orleans.Runtime;

namespace Orchestra.Grains.Interfaces;

/// <summary>
/// Lets a gateway, which may be no silo, ask who is in the cluster. Stateless; any key.
/// </summary>
public interface IClusterGrain : IGrainWithIntegerKey
{
    /// <summary>
    /// The silos that take grains: neither starting, nor leaving, nor given up. As the answering silo
    /// knows it, which costs no query.
    /// </summary>
    Task<IReadOnlySet<SiloAddress>> ReadLiveSilos();
}
