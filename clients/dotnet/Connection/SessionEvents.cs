using Orchestra.Client.Local;
using Orchestra.Sync.Wire;

namespace Orchestra.Client.Connection;

/// <summary>Whom a connection tells what happens on it. Called in order, one at a time.</summary>
internal sealed record SessionEvents(
    Action<ConnectionChanged> Connection,
    Action<SyncProgress> Progress,
    Action<LocalState, IReadOnlyList<WireEntry>> Applied
);
