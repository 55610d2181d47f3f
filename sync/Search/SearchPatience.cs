using Orchestra.Sync.Errors;

namespace Orchestra.Sync.Search;

/// <summary>
/// A few rows of long texts and a query of many words can take minutes: a search that takes longer than
/// any of use to somebody is given up, so that nobody keeps the store busy with little.
/// </summary>
public static class SearchPatience
{
    /// <summary>For each type of rows that is looked through.</summary>
    public static readonly TimeSpan Length = TimeSpan.FromSeconds(3);

    /// <summary><c>overloaded</c></summary>
    public static SyncException IsOver(Exception e) =>
        new(ErrorCode.Overloaded, "The search takes too long: look for fewer words", e)
        {
            RetryAfter = TimeSpan.FromSeconds(10),
        };
}
