namespace Orchestra.Client.Local;

/// <summary>
/// What has been added to schema.sql since its version 1, one step a version. New files go through
/// all steps too, so that every file has the same history. A step that was released never changes.
/// </summary>
internal static class LocalUpgrades
{
    /// <summary>Step i leads from version i + 1 to version i + 2.</summary>
    public static readonly IReadOnlyList<string> Steps =
    [
        """
            -- At most one row: when the server last said something, by this machine's clock.
            create table o_contact (one integer primary key check (one = 1), heard_at text not null)
            """,
    ];

    /// <summary>What a file of this client's version says in its <c>user_version</c>.</summary>
    public static int Version => 1 + Steps.Count;

    public static void Apply(Statements sql, int from)
    {
        foreach (var step in Steps.Skip(from - 1))
            sql.Run(step);
        sql.Run($"pragma user_version = {Version}");
    }
}
