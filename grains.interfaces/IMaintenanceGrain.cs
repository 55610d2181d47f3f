using Orleans;

namespace Orchestra.Grains.Interfaces;

/// <summary>
/// Collects what is old, once an hour, on one silo of the cluster. Key = 0. There is one only where
/// the store has maintenance.
/// </summary>
public interface IMaintenanceGrain : IGrainWithIntegerKey
{
    /// <summary>
    /// Sees to it that there is a reminder; every silo asks when it starts. The first time ever, a
    /// run begins at once.
    /// </summary>
    Task Schedule();
}
