using Orchestra.Client.Local;
using Orchestra.Sync;
using Orchestra.Sync.Wire;

namespace Orchestra.Client.Outbox;

/// <summary>
/// Makes the installation a new device, when its seqs no longer mean the same to the server: a copy
/// of the database uses them too, or the server was restored. See docs/protocol.md, Lineage.
/// </summary>
internal static class NewIdentity
{
    /// <returns>The new device.</returns>
    public static DeviceId Take(LocalTransaction local)
    {
        var old = local.State;
        local.Outbox.NumberAnew(old.Device);
        local.State = old with
        {
            Device = new DeviceId(local.NewId()),
            LastSeq = 0,
            Acknowledged = null,
            // An identity that was never answered has nothing of its own to be known by.
            Replaces = old.Acknowledged is { } last
                ? new WireDeviceSeq(old.Device, last.Seq)
                : old.Replaces,
        };
        return local.State.Device;
    }
}
