using Orchestra.Sync;

namespace Orchestra.Database.Postgres.Verification;

/// <summary>What was looked at, and what is not as it must be.</summary>
/// <param name="Owners">Owners looked at.</param>
/// <param name="Rows">Their rows, tombstones included.</param>
/// <param name="LogEntries">Entries of their log.</param>
/// <param name="Findings">The first ones.</param>
/// <param name="MoreFindings">How many there are besides.</param>
public sealed record VerificationReport(
    long Owners,
    long Rows,
    long LogEntries,
    IReadOnlyList<Finding> Findings,
    long MoreFindings
)
{
    /// <summary>Findings that are told one by one.</summary>
    public const int FindingsTold = 20;

    public static readonly VerificationReport Empty = new(0, 0, 0, [], 0);

    internal VerificationReport Add(OwnerCheck check)
    {
        var findings = Findings.Concat(check.Findings).ToList();
        return new(
            Owners + 1,
            Rows + check.Rows,
            LogEntries + check.LogEntries,
            [.. findings.Take(FindingsTold)],
            MoreFindings + Math.Max(0, findings.Count - FindingsTold)
        );
    }
}

/// <param name="Owner">Whose data.</param>
/// <param name="What">What is wrong with it, as half a sentence.</param>
public readonly record struct Finding(OwnerId Owner, string What)
{
    public override string ToString() => $"{Owner}: {What}";
}
