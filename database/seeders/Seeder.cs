using Orchestra.Sync;
using Orchestra.Sync.Errors;
using Orchestra.Sync.Store;

namespace Orchestra.Database.Seeders;

/// <summary>
/// Fills a store with made-up users, to try things out and to measure. It goes through the store's
/// port, so what it writes is what pushes would have written.
/// </summary>
public sealed class Seeder(ISyncStore store)
{
    private const int RowsPerCommit = 400;

    /// <summary>The owner that a seed gives a number, from 1: whom to sign in as.</summary>
    public static OwnerId OwnerOf(int seed, int number) => new SeedUser(seed, number).Owner;

    /// <summary>Writes what the plan says. An owner that is there already is left as it is.</summary>
    /// <exception cref="SyncException">The store refused a commit, or cannot be reached.</exception>
    public async Task<SeedProgress> SeedAsync(
        SeedPlan plan,
        IProgress<SeedProgress>? progress,
        CancellationToken cancellation
    )
    {
        var done = new SeedProgress();
        for (var number = 1; number <= plan.Users; number++)
        {
            var user = new SeedUser(plan.Seed, number);
            var isThere = await store.LoadOwnerAsync(user.Owner, cancellation) is not null;
            done = done with
            {
                Users = number,
                Rows = done.Rows + (isThere ? 0 : await WriteAsync(user, plan, cancellation)),
                Skipped = done.Skipped + (isThere ? 1 : 0),
            };
            progress?.Report(done);
        }
        return done;
    }

    private async Task<int> WriteAsync(SeedUser user, SeedPlan plan, CancellationToken cancellation)
    {
        var commits = new SeedCommits(user, plan.Now, plan.RowsPerUser);
        var rows = new Workspace(user, plan.Now).Rows().Take(plan.RowsPerUser);
        foreach (var chunk in rows.Chunk(RowsPerCommit))
        {
            var outcomes = await store.CommitAsync([commits.Next(chunk)], cancellation);
            if (outcomes is not [CommitOutcome.Committed])
                throw new SyncException(
                    ErrorCode.Internal,
                    $"The store answered {outcomes[0]} to made-up data of owner {user.Owner}"
                );
        }
        return plan.RowsPerUser;
    }
}
