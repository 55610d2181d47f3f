using Orchestra.Client.Local;
using Orchestra.Sync;
using Orchestra.Sync.Wire;

namespace Orchestra.Client;

/// <summary>What the server's frames changed, after it is durable here.</summary>
/// <param name="Version">Where the device is now.</param>
/// <param name="Changes">In version order.</param>
public sealed record ChangesApplied(long Version, IReadOnlyList<AppliedChange> Changes)
{
    internal static ChangesApplied Of(LocalState state, IReadOnlyList<WireEntry> entries) =>
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

/// <summary>One row after one frame.</summary>
/// <param name="Version">The row's.</param>
/// <param name="Entity">The entity type.</param>
/// <param name="Id">The row.</param>
/// <param name="Op">Whether it is there.</param>
/// <param name="Device">Who wrote it last.</param>
/// <param name="IsOwn">Whether that was this device.</param>
/// <param name="EditedAt">When, by the server's clock.</param>
/// <param name="Fields">What was written.</param>
public sealed record AppliedChange(
    long Version,
    string Entity,
    Guid Id,
    WireOp Op,
    DeviceId Device,
    bool IsOwn,
    DateTimeOffset EditedAt,
    IReadOnlyDictionary<string, FieldValue> Fields
);

/// <summary>How far a running sync has come.</summary>
/// <param name="Version">How far the owner's history has been applied.</param>
/// <param name="Head">How far it goes, as last heard.</param>
/// <param name="Outbox">Changes of this device that are not through yet.</param>
/// <param name="IsUpToDate">Whether nothing is left to fetch.</param>
/// <param name="Rows">How many of the server's rows are here.</param>
/// <param name="RowsExpected">
/// How many there will be, while the rows of all types are fetched from the start; else null.
/// </param>
public sealed record SyncProgress(
    long Version,
    long Head,
    long Outbox,
    bool IsUpToDate,
    long Rows,
    long? RowsExpected
)
{
    /// <summary>Nothing is left to fetch, nothing to send.</summary>
    public bool IsDone => IsUpToDate && Outbox == 0;
}

/// <summary>Whether there is a connection, and why not.</summary>
/// <param name="IsConnected">Whether the server has welcomed the device.</param>
/// <param name="Reason">Why the connection ended, if it did.</param>
public sealed record ConnectionChanged(bool IsConnected, Exception? Reason);
