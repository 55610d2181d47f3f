using Orchestra.Sync;
using Orchestra.Sync.Wire;
using Orchestra.TestKit.Silos;

namespace Orchestra.Tests.Protocol;

/// <summary>A push over a socket: its verdicts, and what the owner's other devices see of it.</summary>
[Collection(nameof(SharedServer))]
public sealed class PushTests(SharedServer shared)
{
    private readonly OwnerId owner = SharedServer.NewOwner();

    [Fact]
    public async Task A_change_is_answered_and_reaches_the_other_device()
    {
        await using var desk = await ConnectAsync();
        await using var phone = await ConnectAsync();
        var id = Guid.NewGuid();
        var verdict = Assert.Single(await desk.PushAsync(Edits.Project(id)));
        Assert.Equal(ChangeStatus.Applied, verdict.Status);

        var seen = (await phone.ReadUntilAsync(verdict.Version!.Value))
            .SelectMany(frame => frame.Changes)
            .Single(entry => entry.Id == id);
        Assert.Equal((verdict.Version, WireOp.Put), (seen.Version, seen.Op));
        Assert.Equal("Apollo", seen.Fields["name"].AsText());
        Assert.Equal((desk.Device.Id, 1L), (seen.Device, seen.Seq));
    }

    [Fact]
    public async Task Pushes_in_a_row_are_answered_in_order_without_waiting()
    {
        await using var device = await ConnectAsync();
        var sent = new List<PushMessage>();
        for (var n = 0; n < 40; n++)
            sent.Add(await device.SendAsync(Edits.Project($"{n}")));
        long last = 0;
        foreach (var push in sent)
        {
            var answer = await device.Socket.ExpectAsync<PushedMessage>();
            var verdict = Assert.Single(answer.Results);
            Assert.Equal((push.Ref, ChangeStatus.Applied), (answer.Ref, verdict.Status));
            Assert.True(verdict.Version > last);
            last = verdict.Version!.Value;
        }
    }

    [Fact]
    public async Task P4_A_repeated_push_gets_the_first_answer()
    {
        await using var device = await ConnectAsync();
        var push = await device.SendAsync(
            Edits.Project(),
            Edits.Delete("projects", Guid.NewGuid())
        );
        var first = (await device.Socket.ExpectAsync<PushedMessage>()).Results;
        await device.Socket.SendAsync(push);
        var again = (await device.Socket.ExpectAsync<PushedMessage>()).Results;

        Assert.All(again, verdict => Assert.Equal(ChangeStatus.Duplicate, verdict.Status));
        Assert.Equal(
            first.Select(verdict => ((ChangeStatus?)verdict.Status, verdict.Version, verdict.Code)),
            again.Select(verdict => (verdict.Was, verdict.Version, verdict.Code))
        );
    }

    [Fact]
    public async Task A_gap_names_the_seq_that_is_due_and_consumes_nothing()
    {
        await using var device = await ConnectAsync();
        await device.PushAsync(Edits.Project());
        device.LastSeq = 4;
        var push = await device.SendAsync(Edits.Project());
        var gap = await device.Socket.ExpectErrorAsync(ErrorCode.SequenceGap);
        Assert.Equal((2L, push.Ref, true), (gap.Expected, gap.Ref, gap.Retryable));

        device.LastSeq = 1;
        Assert.Equal(2, Assert.Single(await device.PushAsync(Edits.Project())).Seq);
    }

    [Fact]
    public async Task Another_change_under_a_seq_that_is_taken_means_a_forked_device()
    {
        await using var device = await ConnectAsync();
        await device.PushAsync(Edits.Project());
        device.LastSeq = 0;
        await device.SendAsync(Edits.Project());
        await device.Socket.ExpectErrorAsync(ErrorCode.DeviceForked);

        var verdict = Assert.Single(await device.PushAsync(Edits.Project()));
        Assert.Equal((2L, ChangeStatus.Applied), (verdict.Seq, verdict.Status));
    }

    [Fact]
    public async Task A_push_of_another_epoch_consumes_nothing()
    {
        await using var device = await ConnectAsync();
        var push = await device.SendAsync(Edits.Project());
        await device.Socket.ExpectAsync<PushedMessage>();
        await device.Socket.SendAsync(push with { Epoch = push.Epoch + 1 });
        await device.Socket.ExpectErrorAsync(ErrorCode.EpochChanged);
        Assert.Equal(2, Assert.Single(await device.PushAsync(Edits.Project())).Seq);
    }

    [Fact]
    public async Task P19_Bad_changes_hold_up_no_others_in_a_full_push()
    {
        await using var device = await ConnectAsync();
        var changes = Enumerable
            .Range(0, Limits.PushChanges)
            .Select(n => Edits.Project($"{n}"))
            .ToArray();
        changes[100] = Edits.Create("planets", Guid.NewGuid());
        changes[200] = Edits.Create("projects", Guid.NewGuid(), ("colour", Edits.Text("red")));
        changes[300] = Edits.Note(Guid.NewGuid(), "", Guid.NewGuid());
        var verdicts = await device.PushAsync(changes);

        Assert.Equal(Enumerable.Range(1, 500).Select(n => (long)n), verdicts.Select(v => v.Seq));
        Assert.Equal(
            [
                (101L, "unknown_entity", "entity"),
                (201L, "unknown_field", "colour"),
                (301L, "parent_missing", "project_id"),
            ],
            verdicts
                .Where(v => v.Status == ChangeStatus.Rejected)
                .Select(v => (v.Seq, v.Code!, v.Field!))
        );
        var versions = verdicts
            .Where(v => v.Status == ChangeStatus.Applied)
            .Select(v => v.Version!);
        var first = device.Welcome.Heads[0].Version + 1;
        Assert.Equal(Enumerable.Range((int)first, 497).Select(n => (long?)n), versions);
    }

    [Fact]
    public async Task One_change_more_than_a_push_may_have_and_none_at_all_are_refused()
    {
        await using var device = await ConnectAsync();
        var changes = Enumerable.Range(0, Limits.PushChanges + 1).Select(_ => Edits.Project());
        await device.SendAsync([.. changes]);
        await device.Socket.ExpectErrorAsync(ErrorCode.BatchTooLarge);
        await device.SendAsync();
        await device.Socket.ExpectErrorAsync(ErrorCode.Malformed);

        device.LastSeq = 0;
        Assert.Equal(1, Assert.Single(await device.PushAsync(Edits.Project())).Seq);
    }

    [Fact]
    public async Task P22_A_rejected_change_takes_its_transaction_along_and_nothing_else()
    {
        await using var device = await ConnectAsync();
        var verdicts = await device.PushAsync(
            Edits.Project() with
            {
                Tx = 1,
            },
            Edits.Create("projects", Guid.NewGuid()) with
            {
                Tx = 1,
            },
            Edits.Project()
        );
        Assert.Equal(
            ["transaction_rejected", "required_field", null],
            verdicts.Select(verdict => verdict.Code)
        );
        Assert.Equal(ChangeStatus.Applied, verdicts[2].Status);
    }

    [Fact]
    public async Task A_void_consumes_its_seq_and_nothing_else()
    {
        await using var device = await ConnectAsync();
        var nothing = new WireChange(0, new ChangeId(Guid.NewGuid()), ChangeOp.Void);
        var verdicts = await device.PushAsync(nothing, Edits.Project());
        Assert.Equal((ChangeStatus.Void, null), (verdicts[0].Status, verdicts[0].Version));
        Assert.Equal((2L, ChangeStatus.Applied), (verdicts[1].Seq, verdicts[1].Status));
    }

    private Task<RawDevice> ConnectAsync() => RawDevice.ConnectAsync(shared.Server, owner);
}
