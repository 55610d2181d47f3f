using Orchestra.Sync;
using Orchestra.Sync.Store;
using Xunit;

namespace Orchestra.TestKit.Stores;

/// <summary>What every store must do. A store joins by deriving from each contract.</summary>
public abstract class StoreContract(IStoreBench bench) : IAsyncLifetime
{
    protected IStoreBench Bench { get; } = bench;

    protected ISyncStore Store { get; private set; } = null!;

    protected static CancellationToken Never => CancellationToken.None;

    public async Task InitializeAsync() => Store = await Bench.OpenAsync();

    public Task DisposeAsync() => Bench.DisposeAsync().AsTask();

    /// <summary>Owners that no other test has, for stores that tests share.</summary>
    protected static OwnerHistory NewOwner() => new(Guid.NewGuid());

    protected static (string, FieldValue) Text(string name, string value) =>
        (name, FieldValue.Text(value));

    protected static (string, FieldValue) Reference(string name, RowKey row) =>
        (name, FieldValue.Text(row.Id.ToString("D")));

    protected static RowKey CreateFile(OwnerHistory owner, RowKey project, string path) =>
        owner.Create(
            "files",
            Reference("project_id", project),
            Text("path", path),
            Text("content_hash", new string('a', 64)),
            ("size", FieldValue.Integer(path.Length))
        );

    protected async Task CommitAsync(OwnerHistory owner)
    {
        var outcomes = await Store.CommitAsync([owner.Commit()], Never);
        Assert.Equal([CommitOutcome.Committed], outcomes);
    }

    protected async Task<Row?> LoadRowAsync(OwnerId owner, RowKey key)
    {
        var sets = await Store.LoadRowsAsync(
            [new RowQuery(owner, [new RowNeed(key, null, false)])],
            Never
        );
        return Assert.Single(sets).Rows.SingleOrDefault();
    }

    protected static async Task<ReplayedDevice> BootstrapAsync(
        ISyncStore store,
        OwnerHistory owner,
        int maxEntries = Limits.PageEntries
    )
    {
        var device = new ReplayedDevice(Cursor.Start(0));
        await device.FollowAsync(store, owner.Owner, maxEntries);
        return device;
    }

    /// <summary>The store has exactly what the history says, by every way to look at it.</summary>
    protected static async Task AssertHoldsAsync(ISyncStore store, OwnerHistory owner)
    {
        var record = await store.LoadOwnerAsync(owner.Owner, Never);
        Assert.Equal(owner.Head, record?.Head);
        var keys = owner.Rows.Keys.Select(key => new RowNeed(key, null, false)).ToList();
        var sets = await store.LoadRowsAsync([new RowQuery(owner.Owner, keys)], Never);
        Assert.Equal(
            owner.Rows.Values.OrderBy(row => row.Version).Select(Describe),
            sets[0].Rows.OrderBy(row => row.Version).Select(Describe)
        );
        var device = await BootstrapAsync(store, owner);
        Assert.Equal(owner.Head.Digest, device.Digest);
    }

    /// <summary>A row as text: its fields are a dictionary, which records do not compare.</summary>
    protected static string Describe(Row row) =>
        (row with { Fields = Change.NoFields })
        + string.Join(
            ", ",
            row.Fields.OrderBy(field => field.Key, StringComparer.Ordinal)
                .Select(field => $"{field.Key}={field.Value.Kind}:{field.Value}")
        );
}
