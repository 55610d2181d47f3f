using Orchestra.Client.Local;
using Orchestra.Sync;

namespace Orchestra.Client;

/// <summary>Where a device stands.</summary>
/// <param name="Device">Its id, made with its database.</param>
/// <param name="Kind">What kind it is.</param>
/// <param name="Name">What it is called.</param>
/// <param name="Server">Where it syncs.</param>
/// <param name="Owner">Whose data it holds.</param>
/// <param name="Cursor">How far it has applied the owner's history.</param>
/// <param name="Digest">Over its live server rows.</param>
/// <param name="Rows">How many of those.</param>
/// <param name="ServerDigest">What the server last said of its own.</param>
/// <param name="Outbox">Changes that are not through yet.</param>
/// <param name="Conflicts">Changes of this device that lost something.</param>
/// <param name="LastContact">When the server last said something, by this machine's clock.</param>
/// <param name="DifferedAt">
/// When this copy was last found to differ from the server's and fetched anew, by the server's clock.
/// </param>
public sealed record ClientStatus(
    DeviceId Device,
    DeviceKind Kind,
    string Name,
    Uri? Server,
    OwnerId? Owner,
    Cursor Cursor,
    ulong Digest,
    long Rows,
    ServerDigest? ServerDigest,
    long Outbox,
    long Conflicts,
    DateTimeOffset? LastContact,
    DateTimeOffset? DifferedAt
)
{
    /// <summary>
    /// Whether this copy is the server's, as far as that was compared; null while there is nothing
    /// to compare at the same version.
    /// </summary>
    public bool? Matches =>
        ServerDigest is { } server && server.Version == Cursor.Version && Cursor.Floor is null
            ? server.Digest == Digest && server.Rows == Rows
            : null;

    internal static ClientStatus Of(LocalTransaction local) =>
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
            local.Conflicts.Count(),
            local.LastContact,
            local.State.DifferedAt
        );
}

/// <param name="Version">The server's head at that moment.</param>
/// <param name="Digest">Over its live rows.</param>
/// <param name="Rows">How many.</param>
public sealed record ServerDigest(long Version, ulong Digest, long Rows);
