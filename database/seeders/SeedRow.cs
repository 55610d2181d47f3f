using Orchestra.Sync;

namespace Orchestra.Database.Seeders;

/// <param name="Key">Which row.</param>
/// <param name="Fields">Its values; none is null.</param>
/// <param name="ByServer">Whether the server wrote it, and not the user's device.</param>
internal sealed record SeedRow(
    RowKey Key,
    IReadOnlyDictionary<string, FieldValue> Fields,
    bool ByServer
);
