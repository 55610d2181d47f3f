using Microsoft.Data.Sqlite;
using Orchestra.Client.Connection;
using Orchestra.Client.Local;
using Orchestra.Client.Outbox;
using Orchestra.Client.Rows;
using Orchestra.Sync;
using Orchestra.Sync.Catalog;
using Orchestra.Sync.Errors;
using Orchestra.Sync.Wire;

namespace Orchestra.Client;

/// <summary>
/// A device's copy of its user's data. Reads and writes never wait for a network: they go to the
/// database, and sync brings both sides to the same state whenever there is a connection.
/// </summary>
public sealed class OrchestraClient : IAsyncDisposable
{
    private readonly LocalDatabase database;
    private readonly EditClock clock;
    private readonly SyncLoop loop;
    private int running;

    private OrchestraClient(LocalDatabase database, ClientOptions options)
    {
        this.database = database;
        clock = new EditClock(options.Time, options.Surroundings.NewId());
        loop = new SyncLoop(
            database,
            clock,
            options,
            new SessionEvents(
                change => Connection?.Invoke(change),
                progress => Progress?.Invoke(progress),
                (state, entries) => Changed?.Invoke(Describe(state, entries))
            )
        );
    }

    /// <summary>Rows that the server's frames changed, after they are durable here.</summary>
    public event Action<ChangesApplied>? Changed;

    /// <summary>How far a running sync has come.</summary>
    public event Action<SyncProgress>? Progress;

    /// <summary>The connection came or went.</summary>
    public event Action<ConnectionChanged>? Connection;

    /// <summary>
    /// Opens a database; creates it, and with it the device, if there is none at
    /// <paramref name="path"/>.
    /// </summary>
    public static async Task<OrchestraClient> OpenAsync(
        string path,
        ClientOptions? options = null,
        CancellationToken cancel = default
    )
    {
        options ??= new ClientOptions();
        var database = LocalDatabase.Open(
            path,
            new NewDevice(options.Kind, options.DeviceName),
            options.Time,
            options.Surroundings
        );
        if (options.Server is { } server)
            await database.WriteAsync(
                local => local.State = local.State with { Server = server },
                cancel
            );
        return new OrchestraClient(database, options);
    }

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
        var made = clock.Now();
        var count = await database.WriteAsync(
            local =>
            {
                long? tx = together ? local.Outbox.NextPosition() : null;
                return edits.Count(edit => EditRecorder.Record(local, edit, made, tx));
            },
            cancel
        );
        loop.Wake();
        return count;
    }

    /// <summary>A row as the app sees it, own changes included; null if there is none.</summary>
    public Task<IReadOnlyDictionary<string, FieldValue>?> FindAsync(
        string entity,
        Guid id,
        CancellationToken cancel = default
    ) => database.ReadAsync(local => AppView.Find(local, entity, id), cancel);

    /// <summary>All rows of a type as the app sees them, in the order of their ids.</summary>
    /// <exception cref="SyncException"><c>unknown_entity</c>.</exception>
    public Task<List<EntityRow>> ListAsync(string entity, CancellationToken cancel = default) =>
        database.ReadAsync(local => AppView.All(local, entity), cancel);

    /// <summary>
    /// Plain SQL over the views, one an entity type: columns <c>id</c>, <c>version</c> and the
    /// fields.
    /// </summary>
    public async Task<IReadOnlyList<T>> QueryAsync<T>(
        string sql,
        Func<SqliteDataReader, T> read,
        IReadOnlyDictionary<string, object>? parameters = null,
        CancellationToken cancel = default
    )
    {
        await using var connection = database.OpenReader();
        await using var command = connection.CreateCommand();
        command.CommandText = sql;
        foreach (var (name, value) in parameters ?? new Dictionary<string, object>())
            command.Parameters.AddWithValue(name, value);
        await using var rows = await command.ExecuteReaderAsync(cancel);
        var result = new List<T>();
        while (await rows.ReadAsync(cancel))
            result.Add(read(rows));
        return result;
    }

    /// <summary>A read-only connection of the caller's own.</summary>
    public SqliteConnection OpenReader() => database.OpenReader();

    /// <summary>What types there are; empty until the device has met its server.</summary>
    public Task<EntityCatalog> ReadCatalogAsync(CancellationToken cancel = default) =>
        database.ReadAsync(local => local.Tables.Catalog, cancel);

    /// <summary>Changes of this device that lost something, the newest first.</summary>
    public Task<List<LocalConflict>> ReadConflictsAsync(
        int limit = 100,
        CancellationToken cancel = default
    ) => database.ReadAsync(local => local.Conflicts.Newest(limit), cancel);

    /// <summary>Where the device stands.</summary>
    public Task<ClientStatus> ReadStatusAsync(CancellationToken cancel = default) =>
        database.ReadAsync(Describe, cancel);

    /// <summary>
    /// Sends and fetches until nothing is left. While <see cref="RunAsync"/> runs, waits for it to
    /// get there.
    /// </summary>
    /// <exception cref="SyncException">The server refused, or could not be reached.</exception>
    public Task SyncAsync(CancellationToken cancel = default) =>
        Volatile.Read(ref running) == 0
            ? LoopAsync(untilDone: true, cancel)
            : WaitUntilDoneAsync(cancel);

    /// <summary>Stays connected, and connects again, until cancelled.</summary>
    /// <exception cref="SyncException">Going on is of no use until somebody does something.</exception>
    public Task RunAsync(CancellationToken cancel) => LoopAsync(untilDone: false, cancel);

    public ValueTask DisposeAsync() => database.DisposeAsync();

    private async Task LoopAsync(bool untilDone, CancellationToken cancel)
    {
        Interlocked.Increment(ref running);
        try
        {
            await loop.RunAsync(untilDone, cancel);
        }
        finally
        {
            Interlocked.Decrement(ref running);
        }
    }

    private async Task WaitUntilDoneAsync(CancellationToken cancel)
    {
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        void OnProgress(SyncProgress progress)
        {
            if (progress.IsDone)
                done.TrySetResult();
        }
        Progress += OnProgress;
        try
        {
            loop.Wake();
            await done.Task.WaitAsync(cancel);
        }
        finally
        {
            Progress -= OnProgress;
        }
    }

    private static ClientStatus Describe(LocalTransaction local) =>
        new(
            local.State.Device,
            local.State.Kind,
            local.State.Name,
            local.State.Server,
            local.State.Owner,
            local.State.Cursor,
            local.State.Digest,
            local.State.Rows,
            local.State.Compared is { } seen
                ? new ServerDigest(seen.Version, seen.Digest, seen.Rows)
                : null,
            local.Outbox.Count(),
            local.Conflicts.Count()
        );

    private static ChangesApplied Describe(LocalState state, IReadOnlyList<WireEntry> entries) =>
        new(
            state.Cursor.Version,
            [
                .. entries.Select(entry => new AppliedChange(
                    entry.Version,
                    entry.Entity,
                    entry.Id,
                    entry.Op,
                    entry.Device,
                    entry.Device == state.Device,
                    entry.EditedAt,
                    entry.Fields
                )),
            ]
        );
}
