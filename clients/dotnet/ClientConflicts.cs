using Orchestra.Client.Local;
using Orchestra.Client.Outbox;
using Orchestra.Sync;
using Orchestra.Sync.Errors;

namespace Orchestra.Client;

/// <summary>
/// Changes of this device that lost to another's, or that the server refused. Their values are kept
/// here, so that an app can show them, and nothing a user wrote is gone without a trace.
/// </summary>
public sealed class ClientConflicts
{
    private readonly LocalDatabase database;
    private readonly Func<
        Func<LocalTransaction, EditTime, bool>,
        CancellationToken,
        Task<bool>
    > write;

    internal ClientConflicts(
        LocalDatabase database,
        Func<Func<LocalTransaction, EditTime, bool>, CancellationToken, Task<bool>> write
    )
    {
        this.database = database;
        this.write = write;
    }

    /// <summary>The newest first, at most <paramref name="limit"/>.</summary>
    public Task<List<LocalConflict>> ListAsync(
        int limit = 100,
        CancellationToken cancel = default
    ) => database.ReadAsync(local => local.Conflicts.Newest(limit), cancel);

    /// <summary>How many there are.</summary>
    public Task<long> CountAsync(CancellationToken cancel = default) =>
        database.ReadAsync(local => local.Conflicts.Count(), cancel);

    /// <summary>The record of one change; null if there is none.</summary>
    public Task<LocalConflict?> FindAsync(ChangeId change, CancellationToken cancel = default) =>
        database.ReadAsync(local => local.Conflicts.Find(change), cancel);

    /// <summary>
    /// Writes the values that lost once more, over whatever the row holds now, and takes the record
    /// away. To the server it is an edit made now.
    /// </summary>
    /// <returns>Whether there was such a record.</returns>
    /// <exception cref="SyncException">
    /// The row cannot be written like that: <c>required_field</c>, <c>unknown_field</c> … The record
    /// stays.
    /// </exception>
    public Task<bool> RestoreAsync(ChangeId change, CancellationToken cancel = default) =>
        write(
            (local, now) =>
            {
                if (local.Conflicts.Find(change) is not { } lost)
                    return false;
                EditRecorder.Record(local, lost.ToEdit(), now, tx: null);
                local.Conflicts.Remove(change);
                return true;
            },
            cancel
        );

    /// <summary>Takes a record away, and with it the values that lost.</summary>
    /// <returns>Whether there was such a record.</returns>
    public Task<bool> DismissAsync(ChangeId change, CancellationToken cancel = default) =>
        database.WriteAsync(local => local.Conflicts.Remove(change), cancel);
}
