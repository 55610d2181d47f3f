namespace Orchestra.Client.Rows;

/// <summary>What a server row is, apart from its fields. Tombstones are rows too.</summary>
internal readonly record struct RowState(long Version, bool IsPresent);
