using Orchestra.Client.Local;
using Orchestra.Client.Outbox;
using Orchestra.Sync;
using Orchestra.Sync.Errors;

namespace Orchestra.Client;

/// <content>What can be written: here at once, and from here to the server.</content>
public sealed partial class OrchestraClient
{
    /// <summary>Gives a row these values: creates it, or writes the fields that differ.</summary>
    /// <returns>Whether anything differed.</returns>
    /// <exception cref="SyncException"><c>unknown_entity</c>, <c>unknown_field</c> …</exception>
    public async Task<bool> PutAsync(
        string entity,
        Guid id,
        IReadOnlyDictionary<string, FieldValue> fields,
        CancellationToken cancel = default
    ) => await WriteAsync([Edit.Put(entity, id, fields)], cancel: cancel) > 0;

    /// <summary>Deletes a row, and on the server what refers to it.</summary>
    /// <returns>Whether it was there.</returns>
    public async Task<bool> DeleteAsync(
        string entity,
        Guid id,
        CancellationToken cancel = default
    ) => await WriteAsync([Edit.Delete(entity, id)], cancel: cancel) > 0;

    /// <summary>Records several edits in one local transaction.</summary>
    /// <param name="edits">In order; parents before what refers to them.</param>
    /// <param name="together">
    /// Whether they stand or fall together on the server too; then at most
    /// <see cref="Limits.PushChanges"/>.
    /// </param>
    /// <param name="cancel">Before it has begun.</param>
    /// <returns>How many of them made a difference.</returns>
    public async Task<int> WriteAsync(
        IReadOnlyCollection<Edit> edits,
        bool together = false,
        CancellationToken cancel = default
    )
    {
        if (together && edits.Count > Limits.PushChanges)
            throw new SyncException(
                ErrorCode.BatchTooLarge,
                $"At most {Limits.PushChanges} edits can stand or fall together"
            );
        return await WriteAsync(
            (local, made) =>
            {
                long? tx = together ? local.Outbox.NextPosition() : null;
                return edits.Count(edit => EditRecorder.Record(local, edit, made, tx));
            },
            cancel
        );
    }

    /// <summary>Begins to gather edits of several rows that are to stand or fall together.</summary>
    public Task<EditTransaction> BeginAsync(CancellationToken cancel = default) =>
        Task.FromResult(new EditTransaction(this));

    /// <summary>Writes at this moment, and sends it if there is a connection.</summary>
    private async Task<T> WriteAsync<T>(
        Func<LocalTransaction, EditTime, T> work,
        CancellationToken cancel
    )
    {
        var made = clock.Now();
        var result = await database.WriteAsync(local => work(local, made), cancel);
        loop.Wake();
        return result;
    }
}
