using System.Runtime.CompilerServices;
using Orchestra.Client.Connection;
using Orchestra.Client.Local;

namespace Orchestra.Client.Watching;

/// <summary>
/// The device's status, put together from what the database and the connection tell. It claims no
/// connection that it has not heard of.
/// </summary>
internal sealed class StatusBoard(SyncStatus beginning, TimeProvider time)
{
    private readonly Lock gate = new();
    private readonly List<Signal> watchers = [];
    private SyncStatus current = beginning;
    private bool isConnected;
    private bool isUpToDate;
    private bool isComplete;

    public SyncStatus Current => Volatile.Read(ref current);

    public static SyncStatus Begin(LocalTransaction local) =>
        new(
            SyncState.Offline,
            local.Outbox.Count(),
            local.State.Cursor.Version,
            Math.Max(local.State.Cursor.Version, local.State.Compared?.Version ?? 0),
            local.LastContact,
            null
        );

    public void OnCommit(LocalCommit commit) =>
        Update(status =>
            status with
            {
                Version = commit.Version,
                Pending = commit.Outbox ?? status.Pending,
            }
        );

    public void OnConnection(ConnectionChanged change) =>
        Update(status =>
        {
            isConnected = change.IsConnected;
            isUpToDate = false;
            return status with
            {
                State = SyncState.Offline,
                LastContact = isConnected ? time.GetUtcNow() : status.LastContact,
                Error = change.Reason,
            };
        });

    public void OnProgress(SyncProgress progress) =>
        Update(status =>
        {
            isUpToDate = progress.IsUpToDate;
            return status with
            {
                Pending = progress.Outbox,
                Version = progress.Version,
                Head = progress.Head,
                LastContact = time.GetUtcNow(),
            };
        });

    /// <summary>Sync has ended, and does not begin again by itself.</summary>
    public void OnEnd(Exception? error) =>
        Update(status =>
        {
            isConnected = false;
            var isFinal = error is not null && !ConnectionError.IsTransient(error);
            return status with
            {
                State = isFinal ? SyncState.Error : SyncState.Offline,
                Error = error,
            };
        });

    /// <summary>The status now, and then whenever it is another.</summary>
    public async IAsyncEnumerable<SyncStatus> WatchAsync(
        [EnumeratorCancellation] CancellationToken cancel
    )
    {
        var signal = new Signal();
        lock (gate)
        {
            watchers.Add(signal);
            if (isComplete)
                signal.Complete();
        }
        try
        {
            do yield return Current;
            while (await signal.WaitAsync(cancel));
        }
        finally
        {
            lock (gate)
                watchers.Remove(signal);
        }
    }

    /// <summary>Ends what watches.</summary>
    public void Complete()
    {
        lock (gate)
        {
            isComplete = true;
            foreach (var watcher in watchers)
                watcher.Complete();
        }
    }

    private void Update(Func<SyncStatus, SyncStatus> change)
    {
        lock (gate)
        {
            var next = change(current);
            next = next with
            {
                Head = Math.Max(next.Head, next.Version),
                State =
                    !isConnected ? next.State
                    : isUpToDate && next.Pending == 0 ? SyncState.Synced
                    : SyncState.Syncing,
            };
            // That the server was heard again is no news; it is there for whoever looks.
            var isNews = next != current with { LastContact = next.LastContact };
            Volatile.Write(ref current, next);
            if (isNews)
                foreach (var watcher in watchers)
                    watcher.Set();
        }
    }
}
