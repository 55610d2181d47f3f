using Orchestra.Sync;
using Orchestra.Sync.Decisions;
using Orchestra.Sync.Wire;
using Orchestra.TestKit.Silos;

namespace Orchestra.Tests.Protocol;

/// <summary>What a device gets for a cursor: frames, or a reset.</summary>
[Collection(nameof(SharedServer))]
public sealed class PullTests(SharedServer shared)
{
    private readonly OwnerId owner = SharedServer.NewOwner();

    [Fact]
    public async Task A_pull_is_answered_under_its_ref_and_the_stream_goes_on_from_there()
    {
        await using var device = await RawDevice.ConnectAsync(shared.Server, owner);
        var first = Head(await device.PushAsync(Edits.Project(), Edits.Project()));
        var frame = await device.PullAsync(first - 1);
        Assert.Equal((first - 1, first, false), (frame.From, frame.To, frame.More));
        Assert.Single(frame.Changes);

        var second = Head(await device.PushAsync(Edits.Project()));
        var next = await device.Socket.ExpectAsync<ChangesMessage>(f => f.From == first);
        Assert.Equal((second, null), (next.To, next.Ref));
    }

    [Fact]
    public async Task A_pull_at_the_head_is_answered_by_an_empty_frame()
    {
        await using var device = await RawDevice.ConnectAsync(shared.Server, owner);
        var head = Head(await device.PushAsync(Edits.Project()));
        var frame = await device.PullAsync(head);
        Assert.Equal((head, head), (frame.From, frame.To));
        Assert.Empty(frame.Changes);
        Assert.NotNull(frame.Digest);
    }

    [Fact]
    public async Task P13_A_cursor_of_another_epoch_is_reset()
    {
        await using var device = await RawDevice.ConnectAsync(shared.Server, owner);
        var head = Head(await device.PushAsync(Edits.Project()));
        await device.Socket.SendAsync(new PullMessage(owner, device.Epoch + 1, head, 1));
        await ExpectResetAsync(device, ResetReason.EpochChanged);
    }

    [Fact]
    public async Task P13_A_cursor_ahead_of_the_head_is_reset()
    {
        await using var device = await RawDevice.ConnectAsync(shared.Server, owner);
        var head = Head(await device.PushAsync(Edits.Project()));
        await device.Socket.SendAsync(new PullMessage(owner, device.Epoch, head + 1, 1));
        await ExpectResetAsync(device, ResetReason.HistoryDiffers);
    }

    [Fact]
    public async Task P13_A_cursor_with_another_mark_is_reset()
    {
        await using var device = await RawDevice.ConnectAsync(shared.Server, owner);
        var head = Head(await device.PushAsync(Edits.Project(), Edits.Project()));
        var mark = new ChangeId(Guid.NewGuid());
        await device.Socket.SendAsync(new PullMessage(owner, device.Epoch, head - 1, 1, mark));
        await ExpectResetAsync(device, ResetReason.HistoryDiffers);
    }

    [Fact]
    public async Task P13_A_cursor_below_the_tombstones_is_reset()
    {
        await using var device = await RawDevice.ConnectAsync(shared.Server, owner);
        var head = Head(await device.PushAsync(Edits.Project(), Edits.Project()));
        await CollectTombstonesAsync(head);
        var epoch = device.Epoch;
        await device.Socket.SendAsync(new PullMessage(owner, epoch, 1, 1, Floor: head - 1));
        await ExpectResetAsync(device, ResetReason.TombstonesCollected);
    }

    [Fact]
    public async Task After_a_reset_nothing_comes_until_the_device_pulls()
    {
        await using var device = await RawDevice.ConnectAsync(shared.Server, owner);
        var head = Head(await device.PushAsync(Edits.Project()));
        await device.Socket.SendAsync(new PullMessage(owner, device.Epoch, head + 1, 1));
        await device.Socket.ExpectAsync<ResetMessage>();
        await device.Socket.DrainAsync();

        await using var other = await RawDevice.ConnectAsync(shared.Server, owner);
        head = Head(await other.PushAsync(Edits.Project()));
        await other.ReadUntilAsync(head);
        Assert.Empty((await device.Socket.DrainAsync()).OfType<ChangesMessage>());
        Assert.Equal(head, (await device.PullAsync(0)).To);
    }

    [Fact]
    public async Task A_filter_of_types_leaves_the_others_out_of_frames_and_keeps_the_versions()
    {
        await using var all = await RawDevice.ConnectAsync(shared.Server, owner);
        await using var some = await RawDevice.ConnectAsync(
            shared.Server,
            owner,
            entities: ["projects"]
        );
        var id = Guid.NewGuid();
        await all.PushAsync(Edits.Note(Guid.NewGuid(), "left out"));
        var head = Head(await all.PushAsync(Edits.Project(id)));
        var frames = await some.ReadUntilAsync(head);

        var entry = Assert.Single(frames.SelectMany(frame => frame.Changes));
        Assert.Equal(("projects", id), (entry.Entity, entry.Id));
        Assert.All(
            frames.Zip(frames.Skip(1)),
            pair => Assert.Equal(pair.First.To, pair.Second.From)
        );
    }

    [Fact]
    public async Task A_pull_can_change_the_filter_and_an_unknown_type_is_refused()
    {
        await using var device = await RawDevice.ConnectAsync(shared.Server, owner);
        await device.PushAsync(Edits.Project(), Edits.Note(Guid.NewGuid(), "a"));
        var notes = await device.PullAsync(0, entities: ["notes"]);
        Assert.Equal(["notes"], notes.Changes.Select(entry => entry.Entity));

        await device.Socket.SendAsync(
            new PullMessage(owner, device.Epoch, 0, 99, Entities: ["no_such_type"])
        );
        var error = await device.Socket.ExpectErrorAsync(ErrorCode.UnknownEntity);
        Assert.Equal(99, error.Ref);
    }

    [Fact]
    public async Task Verify_answers_with_the_digest_of_the_rows_that_are_there()
    {
        await using var device = await RawDevice.ConnectAsync(shared.Server, owner);
        var (kept, gone) = (Guid.NewGuid(), Guid.NewGuid());
        var versions = await device.PushAsync(Edits.Project(kept), Edits.Project(gone));
        var head = Head(await device.PushAsync(Edits.Delete("projects", gone)));
        await device.Socket.SendAsync(new VerifyMessage(owner, ["projects"], 5));
        var verified = await device.Socket.ExpectAsync<VerifiedMessage>();

        Assert.Equal((5L, 1L, head), (verified.Ref, verified.Rows, verified.At));
        Assert.Equal(Digest.Write(Digest.Of(kept, versions[0].Version!.Value)), verified.Digest);
    }

    private static long Head(IReadOnlyList<WireVerdict> verdicts) => verdicts[^1].Version!.Value;

    private async Task ExpectResetAsync(RawDevice device, ResetReason reason)
    {
        var reset = await device.Socket.ExpectAsync<ResetMessage>();
        Assert.Equal((reason, device.Epoch, owner), (reset.Reason, reset.Epoch, reset.Owner));
    }

    /// <summary>As if tombstones up to a version had been collected.</summary>
    private async Task CollectTombstonesAsync(long upTo)
    {
        var update = $"set tombstone_horizon = {upTo} where owner_id = '{owner}'";
        await using var meddler = await shared.Server.Store.MeddleAsync(
            $"update sync_head {update}",
            $"update orchestra.sync_head {update}"
        );
    }
}
