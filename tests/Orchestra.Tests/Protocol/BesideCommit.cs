using Orchestra.Sync;
using Orchestra.Sync.Decisions;
using Orchestra.Sync.Store;
using Orchestra.TestKit.Silos;

namespace Orchestra.Tests.Protocol;

/// <summary>What a silo of another cluster does: commits, and tells this one nothing.</summary>
internal static class BesideCommit
{
    public static Task RenameDeviceAsync(IServerUnderTest silo, OwnerId owner, string name) =>
        silo.Store.BesideAsync(store => RenameDeviceAsync(store, owner, name));

    private static async Task RenameDeviceAsync(ISyncStore store, OwnerId owner, string name)
    {
        var catalog = await store.LoadCatalogAsync(CancellationToken.None);
        var record = (await store.LoadOwnerAsync(owner, CancellationToken.None))!;
        var row = record.Devices.Single();
        var now = record.Head.LastCommitAt;
        var rename = new Change(
            0,
            new ChangeId(Guid.NewGuid()),
            row.Key.Entity,
            row.Key.Id.ToString("D"),
            ChangeOp.Update,
            0,
            0,
            new Dictionary<string, FieldValue> { ["name"] = FieldValue.Text(name) }
        );
        var write = ChangeCheck.Check(catalog, rename, byServer: true);
        var decision = Decider.Decide(
            catalog,
            OwnerState.From(owner, record, now),
            new RowSet([row], []),
            [new ReceivedPush(DeviceId.Server, 0, 0, [write], null, now)],
            now
        );
        var outcomes = await store.CommitAsync([decision.Commit!], CancellationToken.None);
        Assert.Equal([CommitOutcome.Committed], outcomes);
    }
}
