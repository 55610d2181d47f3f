using Orchestra.Sync;
using Orchestra.Sync.Wire;

namespace Orchestra.Client;

/// <summary>One of the user's devices, as the server knows it.</summary>
/// <param name="Id">Made with its database.</param>
/// <param name="Kind">What kind of client it is; null if this version does not know the kind.</param>
/// <param name="Name">What its user calls it.</param>
/// <param name="App">The app and its version, as last heard.</param>
/// <param name="Priority">0 to 1000; the higher one wins a tie between concurrent writes.</param>
/// <param name="RevokedAt">Since when it is shut out; null if it is not.</param>
public sealed record UserDevice(
    DeviceId Id,
    DeviceKind? Kind,
    string Name,
    string App,
    int Priority,
    DateTimeOffset? RevokedAt
)
{
    internal static UserDevice Of(WireDeviceRow row) =>
        new(
            row.Id,
            EnumNames<DeviceKind>.TryRead(row.Kind, out var kind) ? kind : null,
            row.Name,
            row.App,
            (int)row.Priority,
            row.RevokedAt is { } revoked ? Timestamps.Read(revoked) : null
        );
}
