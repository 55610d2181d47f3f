namespace Orchestra.Sync.Decisions;

/// <summary>What a row is after a write.</summary>
public static class Fold
{
    /// <summary>The row with what a change won, but for its version and times.</summary>
    /// <param name="before">The row as it was; null if there was none.</param>
    /// <param name="change">What is written.</param>
    /// <param name="resolution">How it fared.</param>
    /// <param name="at">The commit's time.</param>
    public static Row Of(
        Row? before,
        CheckedChange change,
        Resolution resolution,
        DateTimeOffset at
    )
    {
        var fields = new Dictionary<string, FieldValue>(before?.Fields ?? Change.NoFields);
        foreach (var name in resolution.Won)
        {
            if (change.Fields[name].IsNull)
                fields.Remove(name);
            else
                fields[name] = change.Fields[name];
        }
        return new(
            change.Row,
            Version: 0,
            CreatedVersion: 0,
            at,
            at,
            resolution.IsPresent ? null : at,
            before is null ? resolution.Stamp : Stamp.Max(before.Stamp, resolution.Stamp),
            before?.RootVersion,
            fields
        );
    }

    /// <summary>The same row, dated.</summary>
    /// <param name="before">The row as it was; null if there was none.</param>
    /// <param name="after">As it shall be, but for its version and times.</param>
    /// <param name="version">The version it takes.</param>
    /// <param name="rootVersion">For a cascade: the version that caused it.</param>
    /// <param name="at">The commit's time.</param>
    public static Row Date(
        Row? before,
        Row after,
        long version,
        long? rootVersion,
        DateTimeOffset at
    )
    {
        var wasLive = before is { IsLive: true };
        return after with
        {
            Version = version,
            CreatedVersion = before?.CreatedVersion ?? version,
            CreatedAt = before?.CreatedAt ?? at,
            UpdatedAt = at,
            DeletedAt =
                after.IsLive ? null
                : before is { IsLive: false } ? before.DeletedAt
                : at,
            RootVersion =
                after.IsLive ? null
                : wasLive ? rootVersion ?? version
                : after.RootVersion,
        };
    }
}
