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
        Offers.Queue(local, reset.Kept, clock);
        local.Outbox.Rebase(local.State.Device, reset.Kept);
        Clear(local, reset.Epoch);
    }

    /// <summary>Because somebody wants so: the history here is the server's, and all of it stands.</summary>
    public static bool StartOver(LocalTransaction local)
    {
        Clear(local, local.State.Cursor.Epoch);
        return true;
    }

    private static void Clear(LocalTransaction local, long epoch)
    {
        local.Touched.AddAll();
        local.Tables.Clear();
        local.State = local.State with
        {
            Cursor = Cursor.Start(epoch),
            Digest = 0,
            Rows = 0,
            Compared = null,
        };
    }
}
