using Orleans;

namespace Orchestra.Grains.Interfaces;

/// <summary>
/// Does something from time to time, on one silo of the cluster, whichever lives. Key = 0.
/// </summary>
public interface IScheduledGrain : IGrainWithIntegerKey
{
    /// <summary>
    /// Sees to it that there is a reminder; every silo asks when it starts. The first time ever, a
    /// run begins at once.
    /// </summary>
    Task Schedule();
}
