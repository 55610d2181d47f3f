using Orleans;

namespace Orchestra.Grains.Interfaces;

/// <summary>
/// Measures the store for the whole cluster: what it finds is told by the silo that it is on. Key = 0.
/// There is one only where the store can be measured.
/// </summary>
public interface IStoreMeasuringGrain : IGrainWithIntegerKey
{
    /// <summary>Measures, unless that was done a moment ago. Every silo asks every half minute.</summary>
    Task Measure();
}
