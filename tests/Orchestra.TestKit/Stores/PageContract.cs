using CsCheck;
using Orchestra.Sync;
using Orchestra.Sync.Store;
using Xunit;

namespace Orchestra.TestKit.Stores;

/// <summary>What a device is given is complete, ordered, and the same however it is cut.</summary>
public abstract class PageContract(IStoreBench bench) : StoreContract(bench)
{
    [Fact]
    public async Task P5_Following_the_log_and_starting_anew_end_with_the_same_rows()
    {
        var owner = await WriteHistoryAsync();
        var follower = await FollowFromFirstAsync(owner);
        var fresh = await BootstrapAsync(Store, owner);
        Assert.NotEmpty(fresh.Contents);
        Assert.Equal(fresh.Contents, follower.Contents);
        Assert.Equal(owner.Head.Digest, follower.Digest);
        Assert.Equal(owner.Head.Rows, follower.LiveRows);
    }

    [Fact]
    public async Task P12_Pages_of_any_size_give_the_same()
    {
        var owner = await WriteHistoryAsync();
        var expected = (await BootstrapAsync(Store, owner)).Contents;
        await Gen.Select(Gen.Int[1, 40], Gen.Int[1, 20_000])
            .SampleAsync(
                async (entries, bytes) =>
                {
                    var follower = await FollowFromFirstAsync(owner, entries, bytes);
                    var fresh = await BootstrapAsync(Store, owner, entries);
                    return follower.Contents == expected && fresh.Contents == expected;
                },
                iter: 25,
                threads: 1
            );
    }

    [Fact]
    public async Task P22_A_page_of_the_log_never_ends_inside_a_transaction()
    {
        var owner = NewOwner();
        owner.Create("projects", Text("name", "first"));
        for (var i = 0; i < 6; i++)
            owner.Together(() =>
            {
                for (var member = 0; member <= i; member++)
                    owner.Create("projects", Text("name", $"{i}.{member}"));
            });
        await CommitAsync(owner);
        long[] boundaries = [2, 4, 7, 11, 16, 22];
        for (var size = 1; size < 25; size++)
        {
            var device = await FollowFromFirstAsync(owner, size);
            Assert.All(device.Ends, end => Assert.Contains(end, boundaries));
            Assert.Equal(22, device.LiveRows);
        }
    }

    [Fact]
    public async Task A_page_can_be_limited_to_some_types()
    {
        var owner = await WriteHistoryAsync();
        foreach (var cursor in new[] { Cursor.Start(0), AtFirst(owner) })
        {
            var query = new ReadQuery(owner.Owner, cursor, 1000, 1_000_000, ["files"]);
            var page = (await Store.ReadAsync(query, Never)).Page!;
            Assert.NotEmpty(page.Entries);
            Assert.All(page.Entries, entry => Assert.Equal("files", entry.Row.Entity));
            Assert.Equal(owner.Head.Version, page.To);
        }
    }

    [Fact]
    public async Task An_owner_that_nobody_has_seen_reads_as_empty()
    {
        var query = new ReadQuery(NewOwner().Owner, Cursor.Start(0), 10, 1000, null);
        var page = (await Store.ReadAsync(query, Never)).Page!;
        Assert.Empty(page.Entries);
        Assert.Equal((0, 0, false), (page.From, page.To, page.More));
    }

    [Fact]
    public async Task P13_A_cursor_that_cannot_be_continued_gets_a_reset()
    {
        var owner = await WriteHistoryAsync();
        owner.Collect(logHorizon: 20, tombstoneHorizon: 10);
        await CommitAsync(owner);
        var (epoch, head) = (owner.Head.Epoch, owner.Head.Version);

        await AssertResetAsync(new(epoch, head + 1, null, null), ResetReason.HistoryDiffers, 0);
        await AssertResetAsync(new(epoch, 3, null, head + 1), ResetReason.HistoryDiffers, 0);
        await AssertResetAsync(new(epoch - 1, 15, null, null), ResetReason.EpochChanged, 0);
        await AssertResetAsync(
            new(epoch, head, new ChangeId(Guid.NewGuid()), null),
            ResetReason.HistoryDiffers,
            0
        );
        await AssertResetAsync(new(epoch, 9, null, null), ResetReason.TombstonesCollected, head);

        async Task AssertResetAsync(Cursor cursor, ResetReason reason, long kept)
        {
            var query = new ReadQuery(owner.Owner, cursor, 10, 1000, null);
            Assert.Equal(
                new ReadOutcome(null, new Reset(epoch, kept, reason)),
                await Store.ReadAsync(query, Never)
            );
        }
    }

    [Fact]
    public async Task A_cursor_older_than_the_log_gets_rows_and_the_tombstones_it_has_not_seen()
    {
        var owner = await WriteHistoryAsync();
        owner.Collect(logHorizon: 20, tombstoneHorizon: 0);
        await CommitAsync(owner);
        var query = new ReadQuery(owner.Owner, AtFirst(owner), 1000, 1_000_000, null);
        var page = (await Store.ReadAsync(query, Never)).Page!;
        Assert.Equal(1, page.Floor);
        var expected = owner.Rows.Values.Where(row => row.Version > 1).OrderBy(row => row.Version);
        Assert.Equal(
            expected.Select(row => (row.Key, row.Version, row.IsLive)),
            page.Entries.Select(entry => (entry.Row, entry.Version, entry.Present))
        );
        Assert.Contains(page.Entries, entry => !entry.Present);
    }

    [Fact]
    public async Task Verifying_all_types_gives_the_heads_digest()
    {
        var owner = await WriteHistoryAsync();
        var catalog = await Store.LoadCatalogAsync(Never);
        var all = await Store.VerifyAsync(
            owner.Owner,
            [.. catalog.Types.Select(type => type.Name)],
            Never
        );
        Assert.Equal(new Verified(owner.Head.Version, owner.Head.Digest, owner.Head.Rows), all);

        var files = owner.Rows.Values.Where(row => row.IsLive && row.Key.Entity == "files");
        var some = await Store.VerifyAsync(owner.Owner, ["files"], Never);
        Assert.Equal(files.Count(), some.Rows);
        Assert.Equal(
            files.Aggregate(0UL, (digest, row) => digest ^ Sync.Decisions.Digest.Of(row)),
            some.Digest
        );
    }

    /// <summary>Creates, updates, a cascade, a revival, over several commits.</summary>
    private async Task<OwnerHistory> WriteHistoryAsync()
    {
        var owner = NewOwner();
        var kept = owner.Create("projects", Text("name", "kept"));
        var doomed = owner.Create("projects", Text("name", "doomed"));
        await CommitAsync(owner);
        var files = new List<RowKey>();
        for (var i = 0; i < 12; i++)
        {
            files.Add(CreateFile(owner, i % 3 == 0 ? doomed : kept, $"src/{i}.cs"));
            owner.Update(files[i / 2], ("size", FieldValue.Integer(1000 + i)));
            if (i % 4 == 3)
                await CommitAsync(owner);
        }
        owner.Delete(doomed, [.. files.Where((_, i) => i % 3 == 0)]);
        await CommitAsync(owner);
        owner.Revive(doomed);
        owner.Revive(files[3]);
        owner.Together(() =>
        {
            owner.Update(files[3], Text("path", "moved.cs"), ("language", FieldValue.Text("C#")));
            owner.Update(files[3], ("language", FieldValue.Null));
        });
        await CommitAsync(owner);
        return owner;
    }

    private static Cursor AtFirst(OwnerHistory owner) => new(owner.Head.Epoch, 1, null, null);

    /// <summary>A device that holds the first version and then only follows the log.</summary>
    private async Task<ReplayedDevice> FollowFromFirstAsync(
        OwnerHistory owner,
        int maxEntries = 1000,
        int maxBytes = 1_000_000
    )
    {
        var device = new ReplayedDevice(AtFirst(owner));
        var first = owner.Rows.Values.MinBy(row => row.Version)!;
        device.Hold(first);
        await device.FollowAsync(Store, owner.Owner, maxEntries, maxBytes);
        return device;
    }
}
