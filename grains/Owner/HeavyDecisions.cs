using Orchestra.Sync.Decisions;

namespace Orchestra.Grains.Owner;

/// <summary>
/// Decisions that take long, one after the other for the whole silo, away from the threads that run
/// grains: however many owners delete large trees at once, the others keep a processor.
/// </summary>
internal sealed class HeavyDecisions(TaskScheduler? scheduler = null)
{
    private readonly ConcurrentExclusiveSchedulerPair turns = new(
        scheduler ?? TaskScheduler.Default
    );

    public Task<Decision> Run(Func<Decision> decide) =>
        Task.Factory.StartNew(
            decide,
            CancellationToken.None,
            TaskCreationOptions.DenyChildAttach,
            turns.ExclusiveScheduler
        );
}
