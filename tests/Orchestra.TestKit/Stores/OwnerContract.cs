using Orchestra.Sync;
using Orchestra.Sync.Store;
using Xunit;

namespace Orchestra.TestKit.Stores;

/// <summary>Heads, devices, acknowledgements and the record of conflicts.</summary>
public abstract class OwnerContract(IStoreBench bench) : StoreContract(bench)
{
    [Fact]
    public async Task Heads_of_many_owners_come_at_once_without_the_unknown()
    {
        var owners = new[] { NewOwner(), NewOwner() };
        foreach (var owner in owners)
        {
            owner.Create("projects", Text("name", "Apollo"));
            await CommitAsync(owner);
        }
        var heads = await Store.LoadHeadsAsync(
            [.. owners.Select(owner => owner.Owner), NewOwner().Owner],
            Never
        );
        Assert.Equal(2, heads.Count);
        Assert.All(owners, owner => Assert.Equal(owner.Head, heads[owner.Owner]));
    }

    [Fact]
    public async Task An_owner_comes_with_every_device_row_revoked_ones_included()
    {
        var owner = NewOwner();
        var first = owner.Create("devices", Device("first"));
        var revoked = owner.Create("devices", Device("revoked"));
        owner.Update(revoked, Text("revoked_at", "2026-03-01T12:00:00.000000Z"));
        await CommitAsync(owner);
        var record = await Store.LoadOwnerAsync(owner.Owner, Never);
        Assert.Equal(
            new[] { first, revoked }.Select(key => Describe(owner.Rows[key])).Order(),
            record!.Devices.Select(Describe).Order()
        );
    }

    [Fact]
    public async Task A_devices_sequence_keeps_all_it_says()
    {
        var owner = NewOwner();
        owner.Create("projects", Text("name", "Apollo"));
        var device = new DeviceId(Guid.NewGuid());
        var change = new ChangeId(Guid.NewGuid());
        var cursor = new DeviceCursor(
            device,
            9,
            change,
            [
                new(8, new ChangeId(Guid.NewGuid()), ChangeStatus.Merged, 41, null),
                new(9, change, ChangeStatus.Rejected, null, ErrorCode.ParentMissing),
            ],
            new DeviceSeq(new DeviceId(Guid.NewGuid()), 77)
        );
        await Store.CommitAsync([owner.Commit() with { Cursors = [cursor] }], Never);
        var stored = Assert.Single((await Store.LoadOwnerAsync(owner.Owner, Never))!.Cursors);
        Assert.Equal(cursor.Recent, stored.Recent);
        Assert.Equal(cursor with { Recent = [] }, stored with { Recent = [] });
    }

    [Fact]
    public async Task An_acknowledgement_touches_neither_fence_nor_sequence_and_makes_no_device()
    {
        var owner = NewOwner();
        owner.Create("projects", Text("name", "Apollo"));
        await CommitAsync(owner);
        var before = await Store.LoadOwnerAsync(owner.Owner, Never);
        await Store.SaveAcksAsync(
            [
                new(owner.Owner, owner.Cursor.Device, 1, OwnerHistory.Start),
                new(owner.Owner, new DeviceId(Guid.NewGuid()), 1, OwnerHistory.Start),
                new(NewOwner().Owner, owner.Cursor.Device, 1, OwnerHistory.Start),
            ],
            Never
        );
        var after = await Store.LoadOwnerAsync(owner.Owner, Never);
        Assert.Equal(before!.Head, after!.Head);
        Assert.Equal(
            before.Cursors.Select(cursor => (cursor.Device, cursor.LastSeq)),
            after.Cursors.Select(cursor => (cursor.Device, cursor.LastSeq))
        );
        owner.Create("projects", Text("name", "Gemini"));
        await CommitAsync(owner);
    }

    [Fact]
    public async Task What_a_device_has_acknowledged_is_told_and_never_goes_back()
    {
        var owner = NewOwner();
        owner.Create("projects", Text("name", "Apollo"));
        owner.Create("projects", Text("name", "Gemini"));
        await CommitAsync(owner);
        var device = owner.Cursor.Device;
        var seen = OwnerHistory.Start + TimeSpan.FromDays(1);
        await Store.SaveAcksAsync([new(owner.Owner, device, 2, seen)], Never);
        await Store.SaveAcksAsync([new(owner.Owner, device, 1, OwnerHistory.Start)], Never);

        Assert.Equal(
            [new DeviceAck(owner.Owner, device, 2, seen)],
            await Store.LoadAcksAsync(owner.Owner, Never)
        );
        Assert.Empty(await Store.LoadAcksAsync(NewOwner().Owner, Never));
    }

    [Fact]
    public async Task Conflicts_come_newest_first_in_pages_that_meet()
    {
        var owner = NewOwner();
        foreach (var commit in Enumerable.Range(0, 4))
        {
            foreach (var ordinal in Enumerable.Range(0, 3))
                owner.Lose("projects", "x", ConflictVerdict.Merged, $"{commit}.{ordinal}");
            await CommitAsync(owner);
        }
        var expected = (
            from commit in Enumerable.Range(0, 4).Reverse()
            from ordinal in Enumerable.Range(0, 3).Reverse()
            select $"{commit}.{ordinal}"
        ).ToList();
        foreach (var limit in new[] { 1, 2, 5, 11, 12, 13 })
            Assert.Equal(expected, await ReadNotesAsync(owner.Owner, limit));
        Assert.Empty(await ReadNotesAsync(NewOwner().Owner, 5));
    }

    [Theory]
    [InlineData(ConflictVerdict.Merged)]
    [InlineData(ConflictVerdict.Superseded)]
    [InlineData(ConflictVerdict.Rejected)]
    [InlineData(ConflictVerdict.Overwritten)]
    public async Task A_conflict_keeps_all_it_says(ConflictVerdict verdict)
    {
        var owner = NewOwner();
        owner.Lose("no such type", "not-a-uuid", verdict, "kept");
        var commit = owner.Commit();
        await Store.CommitAsync([commit], Never);
        var page = await Store.ReadConflictsAsync(owner.Owner, null, 10, Never);
        Assert.Null(page.Next);
        var stored = Assert.Single(page.Conflicts);
        var sent = commit.Conflicts[0];
        Assert.Equal(sent.Fields, stored.Fields);
        Assert.Equal(
            sent with
            {
                Fields = Change.NoFields,
            },
            stored with
            {
                Fields = Change.NoFields,
            }
        );
    }

    private async Task<List<string>> ReadNotesAsync(OwnerId owner, int limit)
    {
        var notes = new List<string>();
        ConflictPosition? before = null;
        do
        {
            var page = await Store.ReadConflictsAsync(owner, before, limit, Never);
            Assert.InRange(page.Conflicts.Count, page.Next is null ? 0 : limit, limit);
            notes.AddRange(page.Conflicts.Select(item => item.Fields["note"].AsText()));
            Assert.True(page.Next is null || before is null || IsOlder(page.Next, before));
            before = page.Next;
        } while (before is not null);
        return notes;
    }

    private static (string, FieldValue)[] Device(string name) =>
        [
            Text("kind", "desktop"),
            Text("name", name),
            Text("app", "tests/1.0"),
            ("priority", FieldValue.Integer(50)),
        ];

    private static bool IsOlder(ConflictPosition? next, ConflictPosition? before) =>
        (next!.Value.CommitNo, next.Value.Ordinal).CompareTo(
            (before!.Value.CommitNo, before.Value.Ordinal)
        ) < 0;
}
