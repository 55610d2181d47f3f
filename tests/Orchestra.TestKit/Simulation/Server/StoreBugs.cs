using Orchestra.Sync;
using Orchestra.Sync.Store;

namespace Orchestra.TestKit.Simulation.Server;

/// <summary>The bugs that can be made between a grain and its store.</summary>
internal static class StoreBugs
{
    public static OwnerCommit Commit(SeededBug bug, SharedStore shared, OwnerCommit commit) =>
        bug switch
        {
            SeededBug.NoFence => WithoutFence(shared, commit),
            SeededBug.DedupeInMemoryOnly => commit with { Cursors = [] },
            _ => commit,
        };

    public static IReadOnlyList<RowSet> Load(
        SeededBug bug,
        SharedStore shared,
        IReadOnlyList<RowQuery> queries,
        IReadOnlyList<RowSet> loaded
    ) =>
        bug switch
        {
            SeededBug.WinnerByArrival => [.. loaded.Select(set => set with { Writes = [] })],
            SeededBug.PriorityReadLive =>
            [
                .. queries
                    .Zip(loaded)
                    .Select(pair => WithLivePriority(shared, pair.First, pair.Second)),
            ],
            _ => loaded,
        };

    /// <summary>Whoever comes later is let in, and what he decided on does not matter.</summary>
    private static OwnerCommit WithoutFence(SharedStore shared, OwnerCommit commit)
    {
        if (shared.FindHead(commit.Owner) is not { } head)
            return commit;
        return commit with
        {
            ExpectedCommitNo = head.CommitNo,
            Head = commit.Head with { CommitNo = head.CommitNo + 1 },
        };
    }

    private static RowSet WithLivePriority(SharedStore shared, RowQuery query, RowSet set)
    {
        if (set.Writes.Count == 0)
            return set;
        var now = shared.Priorities(query.Owner);
        return set with
        {
            Writes =
            [
                .. set.Writes.Select(write =>
                    now.TryGetValue(write.Stamp.Device, out var priority)
                        ? write with
                        {
                            Stamp = write.Stamp with { Priority = priority },
                        }
                        : write
                ),
            ],
        };
    }
}
