namespace Orchestra.Sync.Store;

/// <summary>
/// Begins new histories. Consumers: an owner's grain, when an operator asks for it, and <c>silo epoch</c>
/// after a restore. Only PostgreSQL has one.
/// </summary>
public interface IOwnerEpochs
{
    /// <summary>
    /// From now on all of the owner's devices have to fetch everything anew; what they have not sent yet
    /// they keep.
    /// </summary>
    /// <returns>Whether there is such an owner.</returns>
    /// <exception cref="Errors.SyncException">
    /// <c>overloaded</c>: maintenance is under way, or somebody holds the owner's head.
    /// </exception>
    Task<bool> BeginAsync(OwnerId owner, CancellationToken cancellation);
}
