using Orchestra.Sync;
using Orchestra.Sync.Store;

namespace Orchestra.TestKit.Stores;

/// <summary>The commit of a writer that knows nothing of an owner but the head.</summary>
public static class OneMoreRow
{
    /// <param name="owner">Whose.</param>
    /// <param name="head">As it was read; null for an owner nobody has seen.</param>
    /// <param name="name">What the new project is called.</param>
    public static OwnerCommit After(OwnerId owner, OwnerHead? head, string name = "one more")
    {
        var history = new OwnerHistory(Guid.NewGuid());
        history.Create("projects", ("name", FieldValue.Text(name)));
        var one = history.Commit();
        head ??= OwnerHead.New(OwnerHistory.Start);
        var row = one.Rows[0].After with { Version = head.Version + 1 };
        return one with
        {
            Owner = owner,
            ExpectedCommitNo = head.CommitNo,
            Rows = [one.Rows[0] with { After = row }],
            Log = [one.Log[0] with { Version = row.Version }],
            Head = head with
            {
                CommitNo = head.CommitNo + 1,
                Version = row.Version,
                Digest = head.Digest ^ Sync.Decisions.Digest.Of(row),
                Rows = head.Rows + 1,
            },
        };
    }
}
