using Orchestra.Client.Local;
using Orchestra.Client.Rows;
using Orchestra.Sync;
using Orchestra.Sync.Errors;
using Orchestra.Sync.Wire;

namespace Orchestra.Client.Connection;

/// <summary>The first two messages of a connection: who is there, and whether they fit.</summary>
internal static class Welcome
{
    public static HelloMessage Hello(LocalState state, string app) =>
        new(
            Protocol: 1,
            new WireDevice(state.Device, state.Kind, state.Name, app),
            state is { Owner: { } owner, Cursor: { Epoch: > 0 } cursor }
                ? [new WireCursor(owner, cursor.Epoch, cursor.Version, cursor.Mark, cursor.Floor)]
                : [],
            Catalog: state.CatalogHash,
            Entities: state.Entities
        );

    /// <exception cref="SyncException">
    /// <c>forbidden</c>: the token is another user's. <c>device_forked</c>: the server knows the
    /// device by changes that are not this database's.
    /// </exception>
    public static void Apply(LocalTransaction transaction, WelcomeMessage welcome)
    {
        transaction.HeardFromServer();
        RequireSameOwner(transaction.State, welcome.User);
        RequireSameLineage(transaction, welcome.Device);
        if (welcome.Catalog.Whole is { } catalog)
            CatalogGrowth.Apply(transaction, catalog);
        var state = transaction.State with { Owner = welcome.User };
        var head = welcome.Heads.FirstOrDefault(head => head.Owner == welcome.User);
        // Where nothing was applied yet, any history will do.
        if (head is not null && state.Cursor is { Version: 0, Floor: null })
            state = state with { Cursor = Cursor.Start(head.Epoch) };
        transaction.State = state;
    }

    private static void RequireSameOwner(LocalState state, OwnerId user)
    {
        if (state.Owner is { } owner && owner != user)
            throw new SyncException(
                ErrorCode.Forbidden,
                $"This database holds the data of user {owner}, but the token is of user {user}"
            );
    }

    private static void RequireSameLineage(LocalTransaction transaction, WireLineage lineage)
    {
        var acknowledged = transaction.State.Acknowledged;
        var isOurs =
            lineage.LastSeq == (acknowledged?.Seq ?? 0)
                ? lineage.LastChange is null || lineage.LastChange == acknowledged?.Change
                : lineage.LastSeq > (acknowledged?.Seq ?? 0)
                    && transaction.Outbox.FindBySeq(lineage.LastSeq) is { } sent
                    && (lineage.LastChange is null || lineage.LastChange == sent.Id);
        if (!isOurs)
            throw new SyncException(
                ErrorCode.DeviceForked,
                $"The server last took change {lineage.LastSeq} from this device, and that is not "
                    + "this database's: either the database was copied, or the server was restored"
            );
    }
}
