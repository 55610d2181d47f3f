using Orchestra.Client;
using Orchestra.Client.Outbox;
using Orchestra.Sync;
using Orchestra.Sync.Catalog;
using Orchestra.Sync.Wire;
using Xunit;
using static Orchestra.Tests.Client.Frames;

namespace Orchestra.Tests.Client;

/// <summary>What a device does when the server no longer has the history that the device has.</summary>
public sealed class ResetTests
{
    private const long Restored = Epoch + 1;

    [Fact]
    public async Task The_servers_rows_go_and_every_own_change_stays()
    {
        await using var device = await LocalDevice.CreateAsync();
        await device.ApplyAsync(Log(0, 5, Put(4, 1, Name("Ada")), Put(5, 2, Name("Bob"))));
        await device.EditAsync(Edit.Put("projects", Id(1), Name("answered")));
        await device.TakeAsync();
        await device.AnswerAsync(new WireVerdict(1, ChangeStatus.Applied, 9));
        await device.EditAsync(Edit.Put("projects", Id(2), Name("unsent")));

        await device.ResetAsync(Restored, kept: 4);

        var state = await device.StateAsync();
        Assert.Equal(Cursor.Start(Restored), state.Cursor);
        Assert.Equal((0UL, 0L), (state.Digest, state.Rows));
        // History above 4 is gone: the verdict with it, and what was based on version 5.
        var unsent = await device.TakeAsync(afterSeq: 1);
        Assert.Equal(
            [(ChangeOp.Offer, 0L), (ChangeOp.Update, 4L), (ChangeOp.Update, 0L)],
            unsent.Select(change => (change.Op, change.Base))
        );
        Assert.Equal(
            FieldValue.Text("unsent"),
            (await device.SeeAsync("projects", Id(2)))!["name"]
        );
        // The server may know it under the seq that it had.
        Assert.Equal([new WireDeviceSeq(state.Device, 1)], unsent[1].First);
    }

    [Fact]
    public async Task P21_What_was_lost_is_offered_whole_as_old_as_it_is_and_before_all_edits()
    {
        await using var device = await LocalDevice.CreateAsync();
        var made = device.Time.GetUtcNow().AddSeconds(-90);
        var fields = Name("lost");
        fields["stars"] = FieldValue.Integer(3);
        await device.ApplyAsync(
            Log(
                0,
                3,
                Put(1, 1, Name("kept")),
                Put(2, 2, fields) with
                {
                    EditedAt = made,
                },
                Gone(3, 3)
            )
        );
        await device.EditAsync(Edit.Put("projects", Id(2), Name("edited")));

        await device.ResetAsync(Restored, kept: 1);
        device.Time.Advance(TimeSpan.FromSeconds(10));

        var sent = (await device.TakeAsync())
            .Select(change => change.ToWire(device.Clock))
            .ToList();
        Assert.Equal(
            [ChangeOp.Offer, ChangeOp.OfferDelete, ChangeOp.Update],
            sent.Select(change => change.Op)
        );
        Assert.Equal(Id(2).ToString(), sent[0].Id);
        Assert.Equal(100_000, sent[0].AgeMs);
        Assert.Equal(FieldValue.Integer(3), sent[0].Fields!["stars"]);
        Assert.Equal(6, sent[0].Fields!.Count);
        Assert.Equal((Id(3).ToString(), null), (sent[1].Id, sent[1].Fields));
        // Until the server has taken them back, the app still has them.
        Assert.Equal(
            FieldValue.Text("edited"),
            (await device.SeeAsync("projects", Id(2)))!["name"]
        );
    }

    [Fact]
    public async Task P21_Parents_are_offered_before_what_refers_to_them()
    {
        await using var device = await LocalDevice.CreateAsync(Tree);
        // A leaf is older than its parent's last change, which is older than the root's.
        await device.ApplyAsync(
            Log(0, 3, Node(1, 3, parent: 2), Node(2, 2, parent: 1), Node(3, 1))
        );

        await device.ResetAsync(Restored, kept: 0);

        Assert.Equal(
            [Id(1), Id(2), Id(3)],
            (await device.TakeAsync()).Select(change => Guid.Parse(change.RowId))
        );
    }

    [Fact]
    public async Task An_offer_that_loses_leaves_no_conflict_and_one_that_is_refused_does()
    {
        await using var device = await LocalDevice.CreateAsync();
        await device.ApplyAsync(Log(0, 2, Put(1, 1, Name("one")), Put(2, 2, Name("two"))));
        await device.ResetAsync(Restored, kept: 0);
        await device.TakeAsync();

        await device.AnswerAsync(
            new WireVerdict(1, ChangeStatus.Superseded, 7, Fields: Name("newer")),
            new WireVerdict(2, ChangeStatus.Rejected, Code: "invalid_value")
        );

        var kept = Assert.Single(await device.ReadAsync(local => local.Conflicts.Newest(10)));
        Assert.Equal(FieldValue.Text("two"), kept.Fields["name"]);
    }

    [Fact]
    public async Task A_new_identity_numbers_from_one_and_says_what_was_sent_before()
    {
        await using var device = await LocalDevice.CreateAsync();
        await device.EditAsync(Edit.Put("projects", Id(1), Name("answered")));
        await device.TakeAsync();
        await device.AnswerAsync(new WireVerdict(1, ChangeStatus.Applied, 4));
        await device.EditAsync(Edit.Put("projects", Id(2), Name("sent")));
        var sent = (await device.TakeAsync(afterSeq: 1)).Single();
        await device.EditAsync(Edit.Put("projects", Id(3), Name("unsent")));
        var old = await device.StateAsync();

        await device.WriteAsync(local => NewIdentity.Take(local));

        var state = await device.StateAsync();
        Assert.NotEqual(old.Device, state.Device);
        Assert.Equal(new WireDeviceSeq(old.Device, 1), state.Replaces);
        var again = await device.TakeAsync();
        Assert.Equal([1L, 2L], again.Select(change => change.Seq!.Value));
        Assert.Equal(sent.Id, again[0].Id);
        Assert.Equal([new WireDeviceSeq(old.Device, 2)], again[0].First);
        Assert.Empty(again[1].First);
        // The first answer shows that the server has heard of it.
        await device.AnswerAsync(new WireVerdict(1, ChangeStatus.Applied, 5));
        Assert.Null((await device.StateAsync()).Replaces);
    }

    private static readonly EntityCatalog Tree = new([
        new EntityType(
            "projects",
            [
                Field("name", FieldType.Text),
                Field("parent_id", FieldType.Uuid) with
                {
                    References = "projects",
                },
            ],
            serverOwned: false
        ),
    ]);

    private static WireEntry Node(long version, int row, int? parent = null)
    {
        var fields = Name($"{row}");
        fields["parent_id"] = parent is { } id ? FieldValue.Text($"{Id(id)}") : FieldValue.Null;
        return Put(version, row, fields);
    }
}
