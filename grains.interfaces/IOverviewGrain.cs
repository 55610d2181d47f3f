using Orleans;

namespace Orchestra.Grains.Interfaces;

/// <summary>
/// What the processes of the cluster say of themselves, for the operators' page: now, and for the last
/// hour. Key = 0. It is in memory only and begins anew on another silo when its own is gone.
/// </summary>
public interface IOverviewGrain : IGrainWithIntegerKey
{
    /// <summary>What a process has counted and measured. Every process says it every five seconds.</summary>
    [ResponseTimeout("00:00:05")]
    Task Report(ProcessReport report);

    /// <summary>The processes, and what happened after a moment.</summary>
    /// <param name="after">The last <see cref="Moment.Number"/> that the caller has; 0 = all.</param>
    [ResponseTimeout("00:00:05")]
    Task<ClusterOverview> Read(long after);
}
