namespace Orchestra.Cli;

/// <summary>What a script learns.</summary>
internal static class ExitCode
{
    public const int Done = 0;
    public const int Failed = 1;
    public const int Usage = 2;
    public const int NotLoggedIn = 3;
    public const int NotReached = 4;
    public const int NotFound = 5;

    /// <summary>In the order of their numbers.</summary>
    public static readonly IReadOnlyList<string> Meanings =
    [
        "done",
        "failed, or a check did",
        "wrong usage",
        "not logged in",
        "the server cannot be reached",
        "there is no such row, conflict or device",
    ];
}
