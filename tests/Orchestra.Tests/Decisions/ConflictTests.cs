using Orchestra.Sync;
using static Orchestra.Tests.Decisions.Edits;

namespace Orchestra.Tests.Decisions;

public class ConflictTests
{
    private readonly OwnerModel owner = NewOwner();
    private readonly DateTimeOffset later = OwnerModel.Noon.AddMinutes(1);
    private readonly long known;

    public ConflictTests()
    {
        owner.Push(Desk, OwnerModel.Noon, Create(1, File(1), ("a", 1), ("b", 1)));
        known = owner.Version;
    }

    [Fact]
    public void Edits_of_different_fields_from_the_same_base_are_both_kept()
    {
        var first = owner.Push(Desk, later, Update(2, File(1), known, 100, ("a", 2)));
        var second = owner.Push(Phone, later, Update(1, File(1), known, 900, ("b", 3)));

        Assert.Equal(ChangeStatus.Applied, first.Single().Status);
        Assert.Equal(ChangeStatus.Applied, second.Single().Status);
        Assert.Equal((Number(2), Number(3)), (owner.Rows[File(1)]["a"], owner.Rows[File(1)]["b"]));
        Assert.Empty(owner.Conflicts);
    }

    [Theory]
    [InlineData(100, 900, "desk")]
    [InlineData(900, 100, "phone")]
    public void The_later_edit_of_a_field_wins_and_the_loser_is_recorded(
        int deskAge,
        int phoneAge,
        string winner
    )
    {
        owner.Push(Desk, later, Update(2, File(1), known, deskAge, ("a", 10)));
        var late = owner.Push(Phone, later, Update(1, File(1), known, phoneAge, ("a", 20)));

        var deskWins = winner == "desk";
        Assert.Equal(Number(deskWins ? 10 : 20), owner.Rows[File(1)]["a"]);
        Assert.Equal(
            deskWins ? ChangeStatus.Superseded : ChangeStatus.Applied,
            late.Single().Status
        );
        var conflict = Assert.Single(owner.Conflicts);
        Assert.Equal(
            deskWins ? ConflictVerdict.Superseded : ConflictVerdict.Overwritten,
            conflict.Verdict
        );
        Assert.Equal(deskWins ? Phone : Desk, conflict.Device);
        Assert.Equal(Number(deskWins ? 20 : 10), conflict.Fields["a"]);
    }

    [Fact]
    public void An_edit_that_loses_some_fields_is_merged_and_told_the_winning_values()
    {
        owner.Push(Desk, later, Update(2, File(1), known, 0, ("a", 10)));
        var verdict = owner
            .Push(Phone, later, Update(1, File(1), known, 500, ("a", 20), ("b", 20)))
            .Single();

        Assert.Equal(ChangeStatus.Merged, verdict.Status);
        Assert.Equal(new Dictionary<string, FieldValue> { ["a"] = Number(10) }, verdict.Fields);
        Assert.Equal(Number(20), owner.Rows[File(1)]["b"]);
        Assert.Equal(["a"], Assert.Single(owner.Conflicts).Fields.Keys);
    }

    [Fact]
    public void A_superseded_edit_takes_a_version_and_its_log_entry_is_empty()
    {
        owner.Push(Desk, later, Update(2, File(1), known, 0, ("a", 10)));
        var verdict = owner.Push(Phone, later, Update(1, File(1), known, 500, ("a", 20))).Single();

        Assert.Equal(owner.Version, verdict.Version);
        Assert.Empty(owner.Log[^1].Fields);
        Assert.Equal(owner.Version, owner.Rows[File(1)].Version);
    }

    [Fact]
    public void Priority_breaks_a_tie_of_time_and_the_device_id_one_of_priority()
    {
        var strong = new DeviceId(new Guid("00000000-0000-4000-8000-000000000001"));
        var ties = new OwnerModel((Desk, 50), (Phone, 50), (strong, 60));
        ties.Push(Desk, OwnerModel.Noon, Create(1, File(1), ("a", 1), ("b", 1)));
        var seen = ties.Version;
        ties.Push(strong, OwnerModel.Noon, Update(1, File(1), seen, 0, ("a", 60)));
        ties.Push(Phone, OwnerModel.Noon, Update(1, File(1), seen, 0, ("a", 2), ("b", 2)));
        ties.Push(Desk, OwnerModel.Noon, Update(2, File(1), seen, 0, ("a", 3)));

        // The stamps were raised above the creation alike, so that only priority and id differ; but
        // the desk's own creation is not concurrent to its own edit.
        Assert.Equal(Number(60), ties.Rows[File(1)]["a"]);
        Assert.Equal(Number(2), ties.Rows[File(1)]["b"]);
    }

    [Fact]
    public void A_base_that_the_log_no_longer_has_counts_as_none()
    {
        var verdict = owner.Push(Phone, later, Update(1, File(1), known: 1, 600_000, ("a", 9)));

        Assert.Equal(ChangeStatus.Superseded, verdict.Single().Status);
        Assert.Equal(Number(1), owner.Rows[File(1)]["a"]);
    }

    [Fact]
    public void A_field_whose_writes_the_log_no_longer_has_counts_as_written_last()
    {
        owner.Push(Desk, later, Update(2, File(1), known, 0, ("b", 5)));
        owner.CollectLog(known);
        // Made after the write of a, and before that of b.
        var edit = Update(1, File(1), known, 30_000, ("a", 9));

        Assert.Equal(ChangeStatus.Superseded, owner.Push(Phone, later, edit).Single().Status);
        Assert.Equal(Number(1), owner.Rows[File(1)]["a"]);
    }

    [Fact]
    public void A_row_younger_than_the_gap_in_the_log_has_all_its_writes_there()
    {
        owner.CollectLog(known);
        owner.Push(Desk, later, Create(2, File(2), ("a", 1)));
        var edit = Update(1, File(2), known: 0, 30_000, ("b", 9));

        Assert.Equal(ChangeStatus.Applied, owner.Push(Phone, later, edit).Single().Status);
    }

    [Theory]
    [InlineData(0, 7)]
    [InlineData(1_900, 9)]
    public void P9_what_was_written_before_a_row_was_made_anew_counts_no_more(int age, int a)
    {
        var gone = later.AddSeconds(1);
        owner.Push(Desk, gone, Update(2, File(1), known, 0, ("b", 5)), Delete(3, File(1), known));
        owner.CollectTombstone(File(1));
        var anew = Make(4, ChangeOp.Create, File(1), 0, age, ("a", 7));
        owner.Push(Desk, later.AddSeconds(2), anew);
        // Made before b was last written in the row's former life, of which the log still tells.
        var edit = Update(1, File(1), known, 2_500, ("a", 9), ("b", 9));
        owner.Push(Phone, later.AddSeconds(3), edit);

        var row = owner.Rows[File(1)];
        Assert.Equal((Number(a), Number(9)), (row["a"], row["b"]));
    }

    [Fact]
    public void An_offer_fills_a_gap_and_loses_to_what_is_there_even_if_it_is_its_own()
    {
        var give = owner.Push(
            Desk,
            later,
            Make(2, ChangeOp.Offer, File(1), 0, 600_000, ("a", 7), ("c", 7)),
            Make(3, ChangeOp.Offer, File(2), 0, 600_000, ("a", 7)),
            Make(4, ChangeOp.OfferDelete, File(1), 0, 600_000),
            Make(5, ChangeOp.OfferDelete, File(3), 0, 600_000)
        );

        Assert.Equal(
            [
                ChangeStatus.Merged,
                ChangeStatus.Applied,
                ChangeStatus.Superseded,
                ChangeStatus.Rejected,
            ],
            give.Select(verdict => verdict.Status)
        );
        var row = owner.Rows[File(1)];
        Assert.Equal((Number(1), Number(7), true), (row["a"], row["c"], row.IsLive));
        Assert.Equal(Number(7), owner.Rows[File(2)]["a"]);
    }

    [Fact]
    public void A_create_of_a_row_that_exists_is_an_update_of_its_fields()
    {
        var verdict = owner.Push(Desk, later, Create(2, File(1), ("c", 5))).Single();

        Assert.Equal(ChangeStatus.Applied, verdict.Status);
        var row = owner.Rows[File(1)];
        Assert.Equal((Number(1), Number(5)), (row["a"], row["c"]));
    }
}
