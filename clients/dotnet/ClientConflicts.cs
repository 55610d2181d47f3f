using Orchestra.Client.Local;

namespace Orchestra.Client;

/// <summary>
/// Changes of this device that lost to another's, or that the server refused. Their values are kept
/// here, so that an app can show them, and nothing a user wrote is gone without a trace.
/// </summary>
public sealed class ClientConflicts
{
    private readonly LocalDatabase database;

    internal ClientConflicts(LocalDatabase database) => this.database = database;

    /// <summary>The newest first, at most <paramref name="limit"/>.</summary>
    public Task<List<LocalConflict>> ListAsync(
        int limit = 100,
        CancellationToken cancel = default
    ) => database.ReadAsync(local => local.Conflicts.Newest(limit), cancel);

    /// <summary>How many there are.</summary>
    public Task<long> CountAsync(CancellationToken cancel = default) =>
        database.ReadAsync(local => local.Conflicts.Count(), cancel);
}
