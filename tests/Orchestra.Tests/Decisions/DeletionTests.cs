using Orchestra.Sync;
using Orchestra.Sync.Errors;
using static Orchestra.Tests.Decisions.Edits;

namespace Orchestra.Tests.Decisions;

public class DeletionTests
{
    private readonly OwnerModel owner = NewOwner();

    public DeletionTests() =>
        owner.Push(
            Desk,
            OwnerModel.Noon,
            Create(1, Folder(1), ("name", "top")),
            Create(2, Folder(2), ("name", "below"), ("parent", Folder(1))),
            Create(3, File(1), ("a", 1), ("folder", Folder(2))),
            Create(4, File(2), ("a", 2), ("folder", Folder(1)))
        );

    [Theory]
    [InlineData(500, 100, true)]
    [InlineData(100, 500, false)]
    public void P11_a_concurrent_edit_keeps_a_deleted_row_only_if_it_is_the_later(
        int deleteAge,
        int editAge,
        bool lives
    )
    {
        var known = owner.Rows[File(1)].Version;
        owner.Push(Desk, OwnerModel.Noon.AddSeconds(1), Delete(5, File(1), known, deleteAge));
        var edit = owner.Push(
            Phone,
            OwnerModel.Noon.AddSeconds(1),
            Update(1, File(1), known, editAge, ("b", 9))
        );

        Assert.Equal(lives, owner.Rows[File(1)].IsLive);
        Assert.Equal(lives ? ChangeStatus.Applied : ChangeStatus.Superseded, edit.Single().Status);
    }

    [Fact]
    public void The_entry_that_brings_a_row_back_carries_the_whole_row_and_says_what_it_wrote()
    {
        var known = owner.Rows[File(1)].Version;
        owner.Push(Desk, OwnerModel.Noon.AddSeconds(1), Delete(5, File(1), known, 500));
        owner.Push(Phone, OwnerModel.Noon.AddSeconds(1), Update(1, File(1), known, 100, ("b", 9)));

        var entry = owner.Log[^1];
        Assert.Equal(LogOp.Revive, entry.Op);
        Assert.Equal(["a", "b", "folder"], entry.Fields.Keys.Order());
        Assert.Equal(["b"], entry.Won);
        Assert.Equal(ConflictVerdict.Overwritten, Assert.Single(owner.Conflicts).Verdict);
    }

    [Fact]
    public void Deleting_a_row_deletes_what_refers_to_it_in_the_next_versions()
    {
        var verdict = owner.Push(Desk, OwnerModel.Noon, Delete(5, Folder(1), 0)).Single();

        var cascade = owner.Log.Where(entry => entry.RootVersion == verdict.Version).ToList();
        Assert.Equal(
            [File(2), Folder(2), File(1)],
            cascade
                .Select(entry => entry.Row)
                .OrderBy(key => key.Entity == "folders")
                .ThenBy(key => key.Id)
                .Skip(0)
                .OrderBy(key =>
                    key == File(2) ? 0
                    : key == Folder(2) ? 1
                    : 2
                )
        );
        Assert.Equal(
            [verdict.Version!.Value + 1, verdict.Version.Value + 2, verdict.Version.Value + 3],
            cascade.Select(entry => entry.Version)
        );
        Assert.All(
            [Folder(1), Folder(2), File(1), File(2)],
            key => Assert.False(owner.Rows[key].IsLive)
        );
    }

    [Fact]
    public void Bringing_the_root_back_brings_back_what_its_deletion_took_along_and_nothing_else()
    {
        owner.Push(Desk, OwnerModel.Noon, Delete(5, File(2), 0));
        owner.Push(Desk, OwnerModel.Noon, Delete(6, Folder(1), 0));
        var known = owner.Rows[Folder(1)].Version;
        owner.Push(Phone, OwnerModel.Noon, Update(1, Folder(1), known, 0, ("name", "back")));

        Assert.All([Folder(1), Folder(2), File(1)], key => Assert.True(owner.Rows[key].IsLive));
        Assert.False(owner.Rows[File(2)].IsLive);
        var revived = owner.Log.Single(entry => entry.Row == File(1) && entry.Op == LogOp.Revive);
        Assert.Equal(Number(1), revived.Fields["a"]);
    }

    [Fact]
    public void What_was_deleted_and_brought_back_within_one_push_is_there_with_all_its_rows()
    {
        owner.Push(
            Desk,
            OwnerModel.Noon,
            Delete(5, Folder(1), 0),
            Create(6, Folder(1), ("name", "again")),
            Delete(7, Folder(2), 0)
        );

        Assert.Equal(
            [true, false, false, true],
            new[] { Folder(1), Folder(2), File(1), File(2) }.Select(key => owner.Rows[key].IsLive)
        );
    }

    [Fact]
    public void A_row_that_moves_below_a_row_deleted_in_the_same_push_goes_with_all_below_it()
    {
        owner.Push(Desk, OwnerModel.Noon, Create(5, Folder(3), ("name", "doomed")));
        owner.Push(
            Desk,
            OwnerModel.Noon,
            Update(6, Folder(2), owner.Rows[Folder(2)].Version, 0, ("parent", Folder(3))),
            Delete(7, Folder(3), owner.Rows[Folder(3)].Version)
        );

        Assert.False(owner.Rows[Folder(2)].IsLive);
        Assert.False(owner.Rows[File(1)].IsLive);
        Assert.True(owner.Rows[File(2)].IsLive);
    }

    [Fact]
    public void A_row_with_a_second_parent_comes_back_when_both_are_there()
    {
        owner.Push(
            Desk,
            OwnerModel.Noon,
            Create(5, Folder(3), ("name", "third"), ("parent", Folder(1))),
            Create(6, File(3), ("folder", Folder(2)), ("second_folder", Folder(3))),
            Delete(7, Folder(1), 0)
        );
        owner.Push(
            Phone,
            OwnerModel.Noon,
            Update(1, Folder(1), owner.Rows[Folder(1)].Version, 0, ("name", "back"))
        );

        Assert.True(owner.Rows[File(3)].IsLive);
    }

    [Fact]
    public void A_row_that_refers_to_a_missing_or_deleted_one_is_rejected()
    {
        owner.Push(Desk, OwnerModel.Noon, Delete(5, Folder(2), 0));
        var verdicts = owner.Push(
            Desk,
            OwnerModel.Noon,
            Create(6, File(7), ("folder", Folder(2))),
            Create(7, File(8), ("folder", Folder(99))),
            Update(8, File(1), owner.Rows[File(1)].Version, 0, ("a", 5)),
            Create(9, File(9), ("folder", Folder(1)))
        );

        Assert.Equal(
            [ErrorCode.ParentMissing, ErrorCode.ParentMissing, ErrorCode.ParentMissing, null],
            verdicts.Select(verdict => verdict.Rejection?.Code)
        );
        Assert.Equal("folder", verdicts[0].Rejection!.Field);
    }

    [Fact]
    public void A_deleted_row_can_be_made_to_refer_to_a_deleted_one_but_not_to_nothing()
    {
        var known = owner.Rows[File(1)].Version;
        owner.Push(Desk, OwnerModel.Noon.AddSeconds(1), Delete(5, Folder(1), 0));
        var late = OwnerModel.Noon.AddSeconds(2);
        var toDeleted = owner.Push(
            Phone,
            late,
            Update(1, File(1), known, 60_000, ("second_folder", Folder(2)))
        );
        var toNothing = owner.Push(
            Phone,
            late,
            Update(2, File(1), known, 60_000, ("second_folder", Folder(9)))
        );

        Assert.Equal(ChangeStatus.Superseded, toDeleted.Single().Status);
        Assert.Equal(ErrorCode.ParentMissing, toNothing.Single().Rejection?.Code);
    }

    [Fact]
    public void Changing_or_deleting_a_row_that_never_was_is_rejected()
    {
        var verdicts = owner.Push(
            Desk,
            OwnerModel.Noon,
            Update(5, File(50), 0, 0, ("a", 1)),
            Delete(6, File(51), 0)
        );

        Assert.All(verdicts, verdict => Assert.Equal(ErrorCode.RowGone, verdict.Rejection!.Code));
        Assert.Equal(6, owner.State.CursorOf(Desk).LastSeq);
    }
}
