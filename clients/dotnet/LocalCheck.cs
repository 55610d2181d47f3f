namespace Orchestra.Client;

/// <summary>What a look at the database alone found; no server is asked.</summary>
/// <param name="Schema">Which of the client's schemas it has.</param>
/// <param name="Damage">What SQLite says of the file, a sentence each; empty if it is whole.</param>
/// <param name="MissingViews">Entity types of the catalog that cannot be read.</param>
/// <param name="Digest">Over the live server rows, computed just now.</param>
/// <param name="Rows">How many of those, counted just now.</param>
/// <param name="StoredDigest">What the database keeps as the digest.</param>
/// <param name="StoredRows">What it keeps as their number.</param>
/// <param name="MissingSeqs">
/// Numbers of sent changes that have no verdict and are not in the outbox either; empty if none is
/// lost.
/// </param>
public sealed record LocalCheck(
    long Schema,
    IReadOnlyList<string> Damage,
    IReadOnlyList<string> MissingViews,
    ulong Digest,
    long Rows,
    ulong StoredDigest,
    long StoredRows,
    IReadOnlyList<long> MissingSeqs
);
