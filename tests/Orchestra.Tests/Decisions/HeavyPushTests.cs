using Orchestra.Sync;
using Orchestra.Sync.Decisions;
using Orchestra.Sync.Errors;
using Orchestra.Sync.Store;
using static Orchestra.Tests.Decisions.Edits;

namespace Orchestra.Tests.Decisions;

/// <summary>Few changes can write many rows: those that others refer to, deleted and brought back.</summary>
public class HeavyPushTests
{
    private const int Files = 5_000;

    private readonly OwnerModel owner = NewOwner();

    public HeavyPushTests()
    {
        owner.Push(Desk, OwnerModel.Noon, Create(1, Folder(1), ("name", "top")));
        AddFiles(1, Files);
    }

    [Fact]
    public void What_is_too_much_for_one_commit_comes_in_the_next()
    {
        var push = Receive(Toggles(4));
        var decision = owner.Decide(push);
        var first = Assert.Single(decision.Answers).Verdicts!;
        var rest = Assert.Single(decision.Rest);
        Assert.InRange(first.Count, 1, 3);
        Assert.Equal(push.Changes, push.UpTo(first.Count).Changes.Concat(rest.Changes));

        owner.Take(push.UpTo(first.Count));
        var verdicts = first.Concat(owner.Take(rest).Verdicts!).ToList();
        Assert.Equal(
            Enumerable.Repeat(ChangeStatus.Applied, 4),
            verdicts.Select(verdict => verdict.Status)
        );
        Assert.All(Enumerable.Range(1, Files), n => Assert.True(owner.Rows[File(n)].IsLive));
    }

    [Fact]
    public void Work_that_is_undone_counts()
    {
        // Each transaction deletes all files, finds its second change wrong, and lets them live.
        var push = Receive([
            .. Enumerable
                .Range(0, 10)
                .SelectMany(i =>
                    new[]
                    {
                        Delete(Next + (2 * i), Folder(1), 0) with
                        {
                            Tx = i,
                        },
                        Delete(Next + (2 * i) + 1, Folder(99), 0) with
                        {
                            Tx = i,
                        },
                    }
                ),
        ]);
        var decision = owner.Decide(push);
        Assert.Empty(decision.Commit!.Log);
        Assert.NotEmpty(decision.Rest);
    }

    [Fact]
    public void So_does_a_row_s_long_past()
    {
        foreach (var some in Enumerable.Range(1, 9_000).Chunk(Limits.PushChanges))
            owner.Push(
                Phone,
                OwnerModel.Noon,
                [
                    .. some.Select(
                        (n, i) =>
                            Update(
                                owner.State.CursorOf(Phone).LastSeq + 1 + i,
                                File(1),
                                owner.Rows[File(1)].Version,
                                0,
                                ("a", n)
                            )
                    ),
                ]
            );
        var known = owner.Rows[File(1)].CreatedVersion;
        var push = Receive([
            .. Enumerable
                .Range(0, Limits.PushChanges)
                .Select(i => Update(Next + i, File(1), known, 0, ("b", i))),
        ]);
        var decision = owner.Decide(push);
        Assert.NotEmpty(decision.Rest);
        Assert.All(
            decision.Answers.Single().Verdicts!,
            verdict => Assert.Equal(ChangeStatus.Applied, verdict.Status)
        );
    }

    [Fact]
    public void One_change_may_be_as_heavy_as_it_is()
    {
        AddFiles(Files + 1, 4 * Files);
        var decision = owner.Decide(Receive([Delete(Next, Folder(1), 0)]));
        Assert.Equal(1 + (5 * Files), decision.Commit!.Log.Count);
    }

    [Fact]
    public void A_transaction_has_a_bound_and_leaves_nothing_behind()
    {
        var before = owner.Version;
        var within = Toggles(20).Select(change => change with { Tx = 1 }).ToList();
        Assert.Equal(20 * (1 + Files), owner.Decide(Receive(within)).Commit!.Log.Count);

        var beyond = Toggles(22).Select(change => change with { Tx = 1 }).ToList();
        var verdicts = owner.Push(Desk, OwnerModel.Noon, beyond);
        Assert.Equal(before, owner.Version);
        Assert.All(verdicts, verdict => Assert.Equal(ChangeStatus.Rejected, verdict.Status));
        Assert.Equal(ErrorCode.BatchTooLarge, verdicts[^1].Rejection!.Code);
        Assert.Equal(ErrorCode.TransactionRejected, verdicts[0].Rejection!.Code);
        Assert.True(owner.Rows[Folder(1)].IsLive);
    }

    [Fact]
    public void A_decision_is_heavy_for_the_rows_that_deletions_and_revivals_may_touch()
    {
        var tree = owner.Rows.Values.ToList();
        Assert.False(IsHeavy(tree, [], Toggles(1)));
        Assert.True(IsHeavy(tree, [], Toggles(3)));
        // Naming the rows below does not hide them.
        var named = Enumerable
            .Range(1, 400)
            .Select(n => Update(Next + 30 + n, File(n), 0, 0, ("a", n)));
        Assert.True(IsHeavy([.. tree.Take(401)], [], [.. Toggles(30), .. named]));
        // Nor do many rows with nothing below them make it heavy.
        var leaves = Enumerable.Range(1, Limits.PushChanges).ToList();
        Assert.False(IsHeavy(tree, [], [.. leaves.Select(n => Delete(Next + n - 1, File(n), 0))]));
    }

    [Fact]
    public void And_for_the_past_that_changes_are_held_against()
    {
        var row = owner.Rows[File(1)];
        var past = Enumerable
            .Range(1, 8_000)
            .Select(n => new PastWrite(
                row.Key,
                n,
                row.Stamp,
                row.Stamp.EditedAt,
                new ChangeId(Guid.NewGuid()),
                LogOp.Put,
                ["a"]
            ))
            .ToList();
        var updates = Enumerable
            .Range(0, Limits.PushChanges)
            .Select(i => Update(Next + i, File(1), 0, 0, ("b", i)))
            .ToList();
        Assert.True(IsHeavy([row], past, updates));
        Assert.False(IsHeavy([row], past, [.. updates.Take(10)]));
    }

    private bool IsHeavy(
        IReadOnlyList<Row> rows,
        IReadOnlyList<PastWrite> past,
        IReadOnlyList<Change> changes
    ) => DecisionWork.IsHeavy(OwnerModel.Catalog, new RowSet(rows, past), [Receive(changes)]);

    private void AddFiles(int first, int count)
    {
        foreach (var some in Enumerable.Range(first, count).Chunk(Limits.PushChanges))
            owner.Push(
                Desk,
                OwnerModel.Noon,
                [
                    .. some.Select(
                        (n, i) => Create(Next + i, File(n), ("a", n), ("folder", Folder(1)))
                    ),
                ]
            );
    }

    private long Next => owner.State.CursorOf(Desk).LastSeq + 1;

    private ReceivedPush Receive(IReadOnlyList<Change> changes) =>
        owner.Receive(Desk, OwnerModel.Noon, changes);

    private List<Change> Toggles(int count) =>
        [
            .. Enumerable
                .Range(0, count)
                .Select(i =>
                    i % 2 == 0
                        ? Delete(Next + i, Folder(1), 0)
                        : Create(Next + i, Folder(1), ("name", "top"))
                ),
        ];
}
