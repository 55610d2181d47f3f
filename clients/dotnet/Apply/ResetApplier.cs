using Orchestra.Client.Local;
using Orchestra.Client.Outbox;
using Orchestra.Sync;
using Orchestra.Sync.Wire;

namespace Orchestra.Client.Apply;

/// <summary>
/// Drops the server's rows, never the device's own changes, so that everything can be fetched anew.
/// </summary>
internal static class ResetApplier
{
    /// <summary>
    /// Whether the device must become a new one first: what it offers goes before its unsent changes,
    /// and those that have a seq already could not be overtaken.
    /// </summary>
    public static bool NeedsNewIdentity(LocalTransaction local, ResetMessage reset) =>
        local.Outbox.HasUnanswered() && Offers.AreDue(local, reset.Kept);

    public static void Apply(LocalTransaction local, ResetMessage reset, ServerClock clock)
    {
        local.HeardFromServer();
        local.Touched.AddAll();
        Offers.Queue(local, reset.Kept, clock);
        local.Tables.Clear();
        local.Outbox.Rebase(local.State.Device, reset.Kept);
        local.State = local.State with
        {
            Cursor = Cursor.Start(reset.Epoch),
            Digest = 0,
            Rows = 0,
            Compared = null,
        };
    }
}
