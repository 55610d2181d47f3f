using System.Collections.Concurrent;
using Orchestra.Client.Connection;
using Orchestra.Client.Contents;
using Orchestra.Client.Local;
using Orchestra.Client.Outbox;
using Orchestra.Client.Watching;
using Orchestra.Sync;
using Orchestra.Sync.Errors;

namespace Orchestra.Client;

/// <summary>
/// A device's copy of its user's data. Reads and writes never wait for a network: they go to the
/// database, and sync brings both sides to the same state whenever there is a connection.
/// </summary>
public sealed partial class OrchestraClient : IAsyncDisposable
{
    private readonly LocalDatabase database;
    private readonly ClientOptions options;
    private readonly EditClock clock;
    private readonly SyncLoop loop;
    private readonly HttpDoor http;
    private readonly StatusBoard board;
    private readonly ChangeFeed feed;
    private readonly LiveQuery queries;
    private readonly ForeignWrites foreign;
    private readonly ConcurrentDictionary<object, object> shapes = new();
    private readonly CancellationTokenSource closing = new();
    private readonly Lock starting = new();
    private Task? standing;
    private int running;
    private int isClosed;

    private OrchestraClient(LocalDatabase database, ClientOptions options, Beginning beginning)
    {
        this.database = database;
        this.options = options;
        clock = new EditClock(options.Time, options.Surroundings.NewId());
        http = HttpDoor.Of(database, options);
        Conflicts = new ClientConflicts(database, WriteAsync);
        Devices = new ClientDevices(http);
        Contents = new ClientContents(database, options, http);
        board = new StatusBoard(beginning.Status, options.Time);
        feed = new ChangeFeed();
        queries = new LiveQuery(database, feed, options);
        foreign = new ForeignWrites(database, options);
        database.Committed += board.OnCommit;
        database.Committed += feed.Publish;
        if (beginning.HasContents)
            Contents.Queue.Wake();
        if (options.Contents.FetchAhead)
            database.Committed += Contents.Queue.OnCommit;
        loop = new SyncLoop(
            database,
            clock,
            options,
            new SessionEvents(
                change =>
                {
                    board.OnConnection(change);
                    Connection?.Invoke(change);
                },
                progress =>
                {
                    board.OnProgress(progress);
                    Progress?.Invoke(progress);
                },
                (state, entries) => Changed?.Invoke(ChangesApplied.Of(state, entries))
            )
        );
    }

    /// <summary>Rows that the server's frames changed, after they are durable here.</summary>
    public event Action<ChangesApplied>? Changed;

    /// <summary>How far a running sync has come.</summary>
    public event Action<SyncProgress>? Progress;

    /// <summary>The connection came or went.</summary>
    public event Action<ConnectionChanged>? Connection;

    /// <summary>Changes of this device that lost something.</summary>
    public ClientConflicts Conflicts { get; }

    /// <summary>The user's devices, as the server knows them.</summary>
    public ClientDevices Devices { get; }

    /// <summary>The contents of files.</summary>
    public ClientContents Contents { get; }

    /// <summary>
    /// Opens the database that the options name; creates it, and with it the device, if there is
    /// none. Needs no server.
    /// </summary>
    /// <exception cref="SyncException">
    /// <c>protocol_unsupported</c>: a newer version of this library made the database.
    /// </exception>
    public static Task<OrchestraClient> OpenAsync(
        ClientOptions options,
        CancellationToken cancel = default
    ) =>
        Task.Factory.StartNew(
            () => Open(options),
            cancel,
            TaskCreationOptions.DenyChildAttach,
            options.Surroundings.Scheduler
        );

    internal static OrchestraClient Open(ClientOptions options)
    {
        var database = LocalDatabase.Open(
            options.Database,
            new NewDevice(options.Kind, options.DeviceName),
            options.Time,
            options.Surroundings
        );
        var beginning = database.Begin(local =>
        {
            if (options.Server is { } server)
                local.State = local.State with { Server = server };
            return new Beginning(
                StatusBoard.Begin(local),
                new ContentTable(local, options.Time).HasWork(options.Contents)
            );
        });
        return new OrchestraClient(database, options, beginning);
    }

    /// <summary>
    /// Sends and fetches until nothing is left. While <see cref="RunAsync"/> runs, waits for it to
    /// get there.
    /// </summary>
    /// <exception cref="SyncException">The server refused, or could not be reached.</exception>
    public async Task SyncAsync(CancellationToken cancel = default)
    {
        if (Volatile.Read(ref running) == 0)
            await LoopAsync(untilDone: true, cancel);
        else
            await WaitUntilDoneAsync(cancel);
        await SendContentsAsync(cancel);
    }

    /// <summary>
    /// Syncs in the background until the client is closed. Nothing that goes wrong is thrown:
    /// <see cref="Status"/> says how it stands, and it is tried again.
    /// </summary>
    public void Start()
    {
        lock (starting)
            standing ??= Task.Run(() =>
                StandingSync.RunAsync(RunAsync, options, static _ => { }, closing.Token)
            );
    }

    /// <summary>Stays connected, and connects again, until cancelled.</summary>
    /// <exception cref="SyncException">Going on is of no use until somebody does something.</exception>
    public async Task RunAsync(CancellationToken cancel)
    {
        using var end = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        var contents = Contents.Queue.RunAsync(end.Token);
        try
        {
            await LoopAsync(untilDone: false, cancel);
        }
        finally
        {
            await end.CancelAsync();
            await contents.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>
    /// Closes the database. What was not sent is sent next time. Whoever called
    /// <see cref="RunAsync"/> himself ends it first.
    /// </summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref isClosed, 1) == 1)
            return;
        await closing.CancelAsync();
        await (standing ?? Task.CompletedTask).ConfigureAwait(
            ConfigureAwaitOptions.SuppressThrowing
        );
        closing.Dispose();
        feed.Complete();
        board.Complete();
        http.Dispose();
        await foreign.DisposeAsync();
        await database.DisposeAsync();
    }

    /// <param name="Status">Of sync.</param>
    /// <param name="HasContents">Whether some may wait to be sent.</param>
    private sealed record Beginning(SyncStatus Status, bool HasContents);

    private async Task LoopAsync(bool untilDone, CancellationToken cancel)
    {
        Interlocked.Increment(ref running);
        try
        {
            await loop.RunAsync(untilDone, cancel);
            board.OnEnd(null);
        }
        catch (Exception e)
        {
            // Nobody may be waiting for the task, but everybody sees the status.
            board.OnEnd(cancel.IsCancellationRequested ? null : e);
            throw;
        }
        finally
        {
            Interlocked.Decrement(ref running);
        }
    }

    /// <summary>
    /// Sends the contents that wait. A server that keeps none is no failure: the rows are through, and
    /// the status says what waits.
    /// </summary>
    private async Task SendContentsAsync(CancellationToken cancel)
    {
        if (!await Contents.Queue.InTableAsync(table => table.HasWork(options.Contents), cancel))
            return;
        try
        {
            await Contents.Queue.EmptyAsync(options.SyncRetries, cancel);
        }
        catch (SyncException e) when (e.Code == ErrorCode.NotFound)
        {
            // What is left of the queue says it.
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
}
