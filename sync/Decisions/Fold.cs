namespace Orchestra.Sync.Decisions;

/// <summary>What a row is after a write that takes a version in a commit.</summary>
public static class Fold
{
    /// <param name="before">The row as it was; null if there was none.</param>
    /// <param name="change">What is written.</param>
    /// <param name="resolution">How it fared.</param>
    /// <param name="version">The version it takes.</param>
    /// <param name="at">The commit's time.</param>
    public static Row Of(
        Row? before,
        CheckedChange change,
        in Resolution resolution,
        long version,
        DateTimeOffset at
    ) =>
        new(
            change.Row,
            version,
            before?.CreatedVersion ?? version,
            before?.CreatedAt ?? at,
            UpdatedAt: at,
            resolution.IsPresent ? null
                : before is { IsLive: false } ? before.DeletedAt
                : at,
            before is null ? resolution.Stamp : Stamp.Max(before.Stamp, resolution.Stamp),
            resolution.IsPresent ? null
                : before is { IsLive: true } ? version
                : before?.RootVersion,
            before is null ? NonNull(resolution.Won) : Over(before.Fields, resolution.Won)
        );

    /// <summary>A row that is deleted along with the one it refers to.</summary>
    /// <param name="child">The row as it was.</param>
    /// <param name="stamp">Above its own.</param>
    /// <param name="version">The version it takes.</param>
    /// <param name="root">The version of the deletion.</param>
    /// <param name="at">The commit's time.</param>
    public static Row Delete(Row child, Stamp stamp, long version, long root, DateTimeOffset at) =>
        child with
        {
            Version = version,
            UpdatedAt = at,
            DeletedAt = at,
            Stamp = stamp,
            RootVersion = root,
        };

    /// <summary>A row that comes back along with the one it refers to.</summary>
    /// <param name="child">The row as it was.</param>
    /// <param name="stamp">Above its own.</param>
    /// <param name="version">The version it takes.</param>
    /// <param name="at">The commit's time.</param>
    public static Row Revive(Row child, Stamp stamp, long version, DateTimeOffset at) =>
        child with
        {
            Version = version,
            UpdatedAt = at,
            DeletedAt = null,
            Stamp = stamp,
            RootVersion = null,
        };

    /// <summary>A new row's fields: mostly the change's own, which nobody alters.</summary>
    private static IReadOnlyDictionary<string, FieldValue> NonNull(
        Dictionary<string, FieldValue> won
    ) => won.ContainsValue(FieldValue.Null) ? Over(Change.NoFields, won) : won;

    private static IReadOnlyDictionary<string, FieldValue> Over(
        IReadOnlyDictionary<string, FieldValue> before,
        Dictionary<string, FieldValue> won
    )
    {
        if (won.Count == 0)
            return before;
        var fields = new Dictionary<string, FieldValue>(before);
        foreach (var (name, value) in won)
        {
            if (value.IsNull)
                fields.Remove(name);
            else
                fields[name] = value;
        }
        return fields;
    }
}
