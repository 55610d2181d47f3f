using Orchestra.Client.Local;
using Orchestra.Client.Outbox;
using Orchestra.Client.Rows;
using Orchestra.Sync;

namespace Orchestra.Client.Apply;

/// <summary>
/// Gives back what a restored server lost: the rows and tombstones that this device has from a
/// history that no longer stands go into the outbox, whole, before everything else there, so that
/// no edit of them is refused for want of its row.
/// </summary>
internal static class Offers
{
    /// <summary>Whether there is anything to offer.</summary>
    public static bool AreDue(LocalTransaction local, long kept) => Find(local, kept).Any();

    /// <param name="local">The server's rows must still be there.</param>
    /// <param name="kept">The last version of their history that still stands.</param>
    /// <param name="clock">The server's, to tell how old they are.</param>
    public static void Queue(LocalTransaction local, long kept, ServerClock clock)
    {
        var rows = Find(local, kept);
        var position = local.Outbox.FirstPosition() - rows.Count();
        // Tombstones last: a row that lost its parent must not keep the parent's offer from counting.
        foreach (var row in rows.Present().Concat(rows.Deleted()))
            local.Outbox.Add(ToChange(local, row, position++, clock));
    }

    private static RowsAbove Find(LocalTransaction local, long kept) =>
        new(local.Sql, local.Tables.Catalog, kept);

    private static OutboxChange ToChange(
        LocalTransaction local,
        WholeRow row,
        long position,
        ServerClock clock
    ) =>
        new(
            position,
            new ChangeId(local.NewId()),
            Seq: null,
            row.Entity,
            row.Id.ToString(),
            row.IsPresent ? ChangeOp.Offer : ChangeOp.OfferDelete,
            Base: 0,
            row.IsPresent ? row.Fields : Change.NoFields,
            Tx: null,
            clock.Made(row.EditedAt)
        );
}
