using Orchestra.Sync;
using Orchestra.Sync.Decisions;
using Orchestra.Sync.Errors;
using static Orchestra.Tests.Decisions.Edits;

namespace Orchestra.Tests.Decisions;

public class SequenceTests
{
    private readonly OwnerModel owner = NewOwner();

    [Fact]
    public void P4_the_same_push_again_gets_the_first_verdicts_and_changes_nothing()
    {
        Change[] push = [Create(1, File(1), ("a", 1)), Update(2, File(9), 0, 0, ("a", 1))];
        var first = owner.Push(Desk, OwnerModel.Noon, push);
        var head = owner.State.Head;
        var again = owner.Push(Desk, OwnerModel.Noon, push);

        Assert.All(again, verdict => Assert.Equal(ChangeStatus.Duplicate, verdict.Status));
        Assert.Equal(
            first.Select(verdict => verdict.Status),
            again.Select(verdict => verdict.Was!.Value)
        );
        Assert.Equal(
            first.Select(verdict => verdict.Version),
            again.Select(verdict => verdict.Version)
        );
        Assert.Equal(ErrorCode.RowGone, again[1].Rejection!.Code);
        Assert.Equal(head, owner.State.Head);
    }

    [Fact]
    public void A_gap_says_which_seq_was_due_and_consumes_nothing()
    {
        var error = Assert.Throws<SyncException>(() =>
            owner.Push(Desk, OwnerModel.Noon, Create(3, File(1)))
        );

        Assert.Equal((ErrorCode.SequenceGap, 1L), (error.Code, error.ExpectedSeq));
        var inner = Assert.Throws<SyncException>(() =>
            owner.Push(Desk, OwnerModel.Noon, Create(1, File(1)), Create(3, File(2)))
        );
        Assert.Equal((ErrorCode.SequenceGap, 2L), (inner.Code, inner.ExpectedSeq));
        Assert.Equal(0, owner.State.CursorOf(Desk).LastSeq);
    }

    [Fact]
    public void A_seq_used_before_by_another_change_means_two_installations()
    {
        owner.Push(Desk, OwnerModel.Noon, Create(1, File(1)));

        var error = Assert.Throws<SyncException>(() =>
            owner.Push(Desk, OwnerModel.Noon, Create(1, File(2)))
        );
        Assert.Equal(ErrorCode.DeviceForked, error.Code);
    }

    [Fact]
    public void A_settled_seq_is_not_kept_so_that_using_it_again_means_two_installations()
    {
        var first = Create(1, File(1));
        owner.Push(Desk, OwnerModel.Noon, first);
        owner.Take(owner.Receive(Desk, OwnerModel.Noon, [Create(2, File(2))]) with { Settled = 1 });

        Assert.Equal(2, Assert.Single(owner.State.CursorOf(Desk).Recent).Seq);
        var error = Assert.Throws<SyncException>(() => owner.Push(Desk, OwnerModel.Noon, first));
        Assert.Equal(ErrorCode.DeviceForked, error.Code);
    }

    [Fact]
    public void A_push_of_another_epoch_consumes_nothing()
    {
        var push = owner.Receive(Desk, OwnerModel.Noon, [Create(1, File(1))]) with { Epoch = 5 };

        Assert.Equal(ErrorCode.EpochChanged, owner.Take(push).Error!.Code);
        Assert.Equal(0, owner.State.CursorOf(Desk).LastSeq);
    }

    [Fact]
    public void A_renumbered_change_is_recognised_by_the_seq_it_was_first_sent_under()
    {
        var change = Create(1, File(1), ("a", 1));
        var version = owner.Push(Desk, OwnerModel.Noon, change).Single().Version;
        var renumbered = change with { First = [new DeviceSeq(Desk, 1)] };
        var push = owner.Receive(Phone, OwnerModel.Noon, [renumbered]) with
        {
            Replaces = new DeviceSeq(Desk, 1),
        };

        var verdict = owner.Take(push).Verdicts!.Single();
        Assert.Equal(
            (ChangeStatus.Duplicate, ChangeStatus.Applied, version),
            (verdict.Status, verdict.Was!.Value, verdict.Version)
        );
        Assert.Equal(1, owner.State.CursorOf(Phone).LastSeq);
    }

    [Fact]
    public void A_renewed_device_knows_what_its_earlier_identity_wrote()
    {
        owner.Push(Desk, OwnerModel.Noon, Create(1, File(1), ("a", 1)));
        var edit = Update(1, File(1), known: 0, ageMs: 60_000, ("a", 2));
        var push = owner.Receive(Phone, OwnerModel.Noon, [edit]) with
        {
            Replaces = new DeviceSeq(Desk, 1),
        };

        Assert.Equal(ChangeStatus.Applied, owner.Take(push).Verdicts!.Single().Status);
        Assert.Equal(Number(2), owner.Rows[File(1)]["a"]);
    }

    [Fact]
    public void A_void_only_consumes_its_seq()
    {
        var version = owner.Version;
        var gap = new Change(1, new ChangeId(Id(1)), "", "", ChangeOp.Void, 0, 0, Change.NoFields);

        Assert.Equal(ChangeStatus.Void, owner.Push(Desk, OwnerModel.Noon, gap).Single().Status);
        Assert.Equal((version, 1L), (owner.Version, owner.State.CursorOf(Desk).LastSeq));
    }

    [Fact]
    public void P19_rejected_changes_consume_their_seqs_and_hold_up_nothing()
    {
        var verdicts = owner.Push(
            Desk,
            OwnerModel.Noon,
            Create(1, new RowKey("spaceships", Id(1))),
            Create(2, File(1), ("warp", 1)),
            Create(3, File(2), ("folder", Folder(1))),
            Create(4, File(3), ("a", 3))
        );

        Assert.Equal(
            [ErrorCode.UnknownEntity, ErrorCode.UnknownField, ErrorCode.ParentMissing, null],
            verdicts.Select(verdict => verdict.Rejection?.Code)
        );
        Assert.Equal(4, owner.State.CursorOf(Desk).LastSeq);
        Assert.Equal(
            3,
            owner.Conflicts.Count(conflict => conflict.Verdict == ConflictVerdict.Rejected)
        );
    }

    [Fact]
    public void P22_a_transaction_stands_or_falls_as_one()
    {
        var version = owner.Version;
        var falls = owner.Push(
            Desk,
            OwnerModel.Noon,
            Create(1, File(1), ("a", 1)) with
            {
                Tx = 1,
            },
            Create(2, File(2), ("folder", Folder(9))) with
            {
                Tx = 1,
            },
            Create(3, File(3), ("a", 3)) with
            {
                Tx = 2,
            },
            Create(4, File(4), ("a", 4)) with
            {
                Tx = 2,
            }
        );

        Assert.Equal(
            [ErrorCode.TransactionRejected, ErrorCode.ParentMissing, null, null],
            falls.Select(verdict => verdict.Rejection?.Code)
        );
        Assert.DoesNotContain(File(1), owner.Rows.Keys);
        Assert.Equal(
            [version + 1, version + 2],
            owner.Log.TakeLast(2).Select(entry => entry.Version)
        );
        Assert.All(owner.Log.TakeLast(2), entry => Assert.Equal(version + 2, entry.TxEnd));
    }

    [Fact]
    public void P22_what_a_failed_transaction_changed_is_as_it_was()
    {
        owner.Push(
            Desk,
            OwnerModel.Noon,
            Create(1, Folder(1)),
            Create(2, File(1), ("a", 1), ("folder", Folder(1)))
        );
        var before = owner.Rows.ToDictionary();
        owner.Push(
            Desk,
            OwnerModel.Noon,
            Update(3, File(1), owner.Version, 0, ("a", 2)) with
            {
                Tx = 1,
            },
            Delete(4, Folder(1), 0) with
            {
                Tx = 1,
            },
            Update(5, File(77), 0, 0, ("a", 1)) with
            {
                Tx = 1,
            }
        );

        Assert.Equal(before, owner.Rows);
    }

    [Fact]
    public void A_revoked_device_is_heard_no_more()
    {
        var revoke = Make(
            0,
            ChangeOp.Update,
            new RowKey("devices", Desk.Value),
            0,
            0,
            ("revoked_at", "2026-01-01T00:00:00.000Z")
        );
        owner.Take(
            new ReceivedPush(
                DeviceId.Server,
                0,
                0,
                [ChangeCheck.Check(OwnerModel.Catalog, revoke, byServer: true)],
                null,
                OwnerModel.Noon
            )
        );

        Assert.Equal(
            ErrorCode.DeviceRevoked,
            owner.Take(owner.Receive(Desk, OwnerModel.Noon, [Create(1, File(1))])).Error!.Code
        );
    }

    [Fact]
    public void P19_halving_a_push_keeps_transactions_whole_and_ends_at_single_changes()
    {
        var push = owner.Receive(
            Desk,
            OwnerModel.Noon,
            [
                Create(1, File(1)),
                Create(2, File(2)) with
                {
                    Tx = 1,
                },
                Create(3, File(3)) with
                {
                    Tx = 1,
                },
            ]
        );

        var halves = PushHalves.Split(push)!.Value;
        Assert.Equal([1, 2], new[] { halves.Left.Changes.Count, halves.Right.Changes.Count });
        Assert.Null(PushHalves.Split(halves.Right));
        Assert.All(
            PushHalves.Refuse(halves.Right).Changes,
            change => Assert.Equal(ErrorCode.InvalidValue, change.Rejection!.Code)
        );
    }
}
