using Orchestra.Client.Local;
using Orchestra.Sync;
using Orchestra.Sync.Wire;

namespace Orchestra.Client.Apply;

/// <summary>
/// Drops the server's rows, never the device's own changes, so that everything can be fetched anew.
/// </summary>
internal static class ResetApplier
{
    public static void Apply(LocalTransaction transaction, ResetMessage reset)
    {
        transaction.HeardFromServer();
        transaction.Touched.AddAll();
        transaction.Tables.Clear();
        transaction.Outbox.Rebase(reset.Kept);
        transaction.State = transaction.State with
        {
            Cursor = Cursor.Start(reset.Epoch),
            Digest = 0,
            Rows = 0,
            Compared = null,
        };
    }
}
