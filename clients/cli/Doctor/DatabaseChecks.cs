using Orchestra.Client;
using Orchestra.Sync.Decisions;

namespace Orchestra.Cli.Doctor;

/// <summary>What can be said of the database without anybody else.</summary>
internal static class DatabaseChecks
{
    private const string Rescue =
        "Copy the file, then run orchestra init in a new place; orchestra export may still read it.";

    private const string Report = "Run orchestra reset, and please report it.";

    public static IEnumerable<Finding> Run(LocalCheck check) =>
        [Integrity(check), Schema(check), Views(check), Rows(check), Outbox(check)];

    public static Finding Unreadable(string error) => Finding.Failed("integrity", error, Rescue);

    private static Finding Integrity(LocalCheck check) =>
        check.Damage.Count == 0
            ? Finding.Ok("integrity", "SQLite finds no damage")
            : Finding.Failed("integrity", string.Join("; ", check.Damage.Take(3)), Rescue);

    /// <summary>A newer one would not have been opened, an older one was just brought up to date.</summary>
    private static Finding Schema(LocalCheck check) =>
        Finding.Ok("schema", $"version {check.Schema}");

    private static Finding Views(LocalCheck check) =>
        check.MissingViews.Count == 0
            ? Finding.Ok("views", "every entity type can be read")
            : Finding.Failed(
                "views",
                $"missing: {string.Join(", ", check.MissingViews)}",
                "Run orchestra init in a new place, and please report it."
            );

    private static Finding Rows(LocalCheck check) =>
        (check.Digest, check.Rows) == (check.StoredDigest, check.StoredRows)
            ? Finding.Ok("rows", $"{check.Rows}, with the digest {Digest.Write(check.Digest)}")
            : Finding.Failed(
                "rows",
                $"{check.Rows} with the digest {Digest.Write(check.Digest)}, but noted are "
                    + $"{check.StoredRows} with {Digest.Write(check.StoredDigest)}",
                Report
            );

    private static Finding Outbox(LocalCheck check) =>
        check.MissingSeqs.Count == 0
            ? Finding.Ok("outbox", "no sent change is missing")
            : Finding.Failed(
                "outbox",
                $"sent and not here any more: {string.Join(", ", check.MissingSeqs)}",
                "Run orchestra init in a new place, and please report it."
            );
}
