using Orchestra.Database.Seeders;
using Orchestra.Sync;
using Orchestra.Sync.Store;
using Orchestra.TestKit.Stores;
using Xunit;

namespace Orchestra.Tests.Seeding;

public sealed class SeederTests : IDisposable
{
    private static readonly CancellationToken Never = CancellationToken.None;

    private static readonly SeedPlan Plan = new(
        Users: 3,
        RowsPerUser: 450,
        Seed: 7,
        new DateTimeOffset(2026, 3, 1, 12, 0, 0, TimeSpan.Zero)
    );

    private readonly SqliteBench bench = new(inMemory: true);

    public void Dispose() => bench.Dispose();

    [Fact]
    public async Task The_same_seed_gives_the_same_rows()
    {
        using var other = new SqliteBench(inMemory: true);
        var one = await SeedAsync(bench, Plan);
        var two = await SeedAsync(other, Plan);
        Assert.Equal(one, two);
        Assert.NotEqual(one, await SeedAsync(other, Plan with { Seed = 8 }));
    }

    [Fact]
    public async Task Log_digest_versions_and_sequence_agree()
    {
        await SeedAsync(bench, Plan);
        var store = await bench.OpenAsync();
        foreach (var owner in Owners(Plan))
        {
            var record = (await store.LoadOwnerAsync(owner, Never))!;
            Assert.Equal(Plan.RowsPerUser, record.Head.Version);
            Assert.Equal(Plan.RowsPerUser, record.Head.Rows);
            var catalog = await store.LoadCatalogAsync(Never);
            var all = catalog.Types.Select(type => type.Name).ToList();
            Assert.Equal(
                new Verified(record.Head.Version, record.Head.Digest, record.Head.Rows),
                await store.VerifyAsync(owner, all, Never)
            );
            var log = await ReadLogAsync(store, owner, record.Head);
            Assert.Equal(Plan.RowsPerUser - 1, log.Entries.Count);
            var cursor = Assert.Single(record.Cursors);
            Assert.Equal(log.Entries[^1].Seq, cursor.LastSeq);
            Assert.Equal(log.Entries[^1].Change, cursor.LastChange);
            Assert.Equal(cursor.Device.Value, Assert.Single(record.Devices).Key.Id);
        }
    }

    [Fact]
    public async Task Every_type_of_the_workspace_is_there_and_follows_its_own_rules()
    {
        await SeedAsync(bench, Plan);
        var store = await bench.OpenAsync();
        var catalog = await store.LoadCatalogAsync(Never);
        var query = new ReadQuery(Owners(Plan)[0], Cursor.Start(0), 5000, int.MaxValue, null);
        var entries = (await store.ReadAsync(query, Never)).Page!.Entries;
        Assert.Equal(9, entries.Select(entry => entry.Row.Entity).Distinct().Count());
        foreach (var entry in entries)
        {
            var type = catalog[entry.Row.Entity];
            if (type.NaturalKey.Count > 0)
                Assert.Equal(Sync.Decisions.NaturalKey.IdOf(type, entry.Fields), entry.Row.Id);
            Assert.All(
                type.Fields.Where(field => field.Type == Sync.Catalog.FieldType.Text),
                field => Assert.True(LengthOf(entry, field.Name) <= field.MaxLength)
            );
        }

        static int LengthOf(PageEntry entry, string field) =>
            entry.Fields.TryGetValue(field, out var value) ? value.AsText().Length : 0;
    }

    [Fact]
    public async Task Owners_that_are_there_already_are_left_alone()
    {
        var store = await bench.OpenAsync();
        var small = Plan with { Users = 2, RowsPerUser = 30 };
        await new Seeder(store).SeedAsync(small, null, Never);
        var reports = new Reports();
        var done = await new Seeder(store).SeedAsync(small with { Users = 3 }, reports, Never);
        Assert.Equal(new SeedProgress(Users: 3, Rows: 30, Skipped: 2), done);
        Assert.Equal([1, 2, 3], reports.Select(report => report.Users));
    }

    /// <summary>Everything the owners have, as text.</summary>
    private static async Task<string> SeedAsync(SqliteBench bench, SeedPlan plan)
    {
        var store = await bench.OpenAsync();
        await new Seeder(store).SeedAsync(plan, null, Never);
        var contents = new List<string>();
        foreach (var owner in Owners(plan))
        {
            var device = new ReplayedDevice(Cursor.Start(0));
            await device.FollowAsync(store, owner);
            var head = (await store.LoadHeadsAsync([owner], Never))[owner];
            var log = await ReadLogAsync(store, owner, head);
            contents.Add($"{owner} {head} {device.Contents}");
            contents.AddRange(log.Entries.Select(entry => $"{entry.Seq} {entry.Change}"));
        }
        return string.Join('\n', contents);
    }

    private static async Task<ChangesPage> ReadLogAsync(
        ISyncStore store,
        OwnerId owner,
        OwnerHead head
    )
    {
        var since = new Cursor(head.Epoch, 1, null, null);
        var query = new ReadQuery(owner, since, Limits.PageEntries, int.MaxValue, null);
        return (await store.ReadAsync(query, Never)).Page!;
    }

    private static List<OwnerId> Owners(SeedPlan plan) =>
        [.. Enumerable.Range(1, plan.Users).Select(number => Seeder.OwnerOf(plan.Seed, number))];

    private sealed class Reports : List<SeedProgress>, IProgress<SeedProgress>
    {
        public void Report(SeedProgress value) => Add(value);
    }
}
