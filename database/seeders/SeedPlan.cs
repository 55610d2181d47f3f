namespace Orchestra.Database.Seeders;

/// <summary>What to make up.</summary>
/// <param name="Users">How many owners.</param>
/// <param name="RowsPerUser">Rows of each, the profile and the device included.</param>
/// <param name="Seed">The same seed gives the same rows, ids included.</param>
/// <param name="Now">Dates the commits; the edits lie in the months before.</param>
public sealed record SeedPlan(int Users, int RowsPerUser, int Seed, DateTimeOffset Now);

/// <summary>What to make up where users have a past.</summary>
/// <param name="Users">How many owners.</param>
/// <param name="RowsPerUser">
/// Rows of each, the profile and the devices included, and those deleted since. The log has 8
/// entries for every 3 of them.
/// </param>
/// <param name="Months">How many months the histories reach back, the present one included.</param>
/// <param name="Seed">The same seed gives the same histories, ids included.</param>
/// <param name="Now">Where the histories end.</param>
public sealed record HistoryPlan(
    int Users,
    int RowsPerUser,
    int Months,
    int Seed,
    DateTimeOffset Now
);

/// <summary>How far a seeding has come.</summary>
/// <param name="Users">Owners done, the skipped ones included.</param>
/// <param name="Rows">Rows written.</param>
/// <param name="Skipped">Owners that were there already and were left alone.</param>
public readonly record struct SeedProgress(int Users, long Rows, int Skipped);
