namespace Orchestra.Sync.Store;

/// <summary>
/// Keeps a store from growing for ever: makes months of the log ahead, drops those past their
/// retention, collects old tombstones. Consumers: the maintenance grain, every hour, and
/// <c>silo maintenance</c>, by hand. Only PostgreSQL has one; an embedded store is one person's.
/// </summary>
public interface IStoreMaintenance
{
    /// <summary>
    /// One run. It may be stopped at any moment and goes on where it was the next time. Every change
    /// of an owner's head passes the fence, so grains notice; what is held by others is left for a
    /// later run.
    /// </summary>
    /// <param name="retention">What may go.</param>
    /// <param name="progress">Hears a sentence for each step that did something.</param>
    /// <param name="cancellation">Stops between two transactions.</param>
    /// <returns>What was done; null if another run is under way, and then nothing was.</returns>
    Task<MaintenanceReport?> RunAsync(
        Retention retention,
        IProgress<string> progress,
        CancellationToken cancellation
    );
}
