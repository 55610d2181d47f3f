using Orchestra.Sync;
using Orchestra.Sync.Errors;

namespace Orchestra.Client;

/// <summary>
/// Edits of several rows that stand or fall together: here, on the server and on every other device,
/// nobody ever sees only some of them. Made by <see cref="OrchestraClient.BeginAsync"/>; nothing is
/// written before <see cref="CommitAsync"/>, and disposing without it forgets the edits.
/// </summary>
/// <remarks>Not for use by several threads at once.</remarks>
public sealed class EditTransaction : IAsyncDisposable
{
    private readonly OrchestraClient client;
    private readonly List<Edit> edits = [];
    private bool isOver;

    internal EditTransaction(OrchestraClient client) => this.client = client;

    /// <summary>The edits so far, in order.</summary>
    public IReadOnlyList<Edit> Edits => edits;

    /// <summary>Gives a row these values. Parents come before what refers to them.</summary>
    /// <exception cref="SyncException">
    /// <c>batch_too_large</c>: there are <see cref="Limits.PushChanges"/> already.
    /// </exception>
    public void Put(string entity, Guid id, IReadOnlyDictionary<string, FieldValue> fields) =>
        Add(Edit.Put(entity, id, fields));

    /// <summary>Deletes a row, and on the server what refers to it.</summary>
    /// <exception cref="SyncException">
    /// <c>batch_too_large</c>: there are <see cref="Limits.PushChanges"/> already.
    /// </exception>
    public void Delete(string entity, Guid id) => Add(Edit.Delete(entity, id));

    /// <summary>Writes all of them in one local transaction, to be sent as one.</summary>
    /// <returns>How many made a difference.</returns>
    /// <exception cref="SyncException">
    /// One is not possible: <c>unknown_field</c>, <c>invalid_value</c> … Then none is written.
    /// </exception>
    public async Task<int> CommitAsync(CancellationToken cancel = default)
    {
        RequireOpen();
        isOver = true;
        return await client.WriteAsync(edits, together: true, cancel);
    }

    /// <summary>Without a commit before it, nothing of it happens.</summary>
    public ValueTask DisposeAsync()
    {
        isOver = true;
        edits.Clear();
        return ValueTask.CompletedTask;
    }

    private void Add(Edit edit)
    {
        RequireOpen();
        if (edits.Count == Limits.PushChanges)
            throw new SyncException(
                ErrorCode.BatchTooLarge,
                $"At most {Limits.PushChanges} edits can stand or fall together"
            );
        edits.Add(edit);
    }

    private void RequireOpen()
    {
        if (isOver)
            throw new InvalidOperationException("The transaction is over; begin another one");
    }
}
