namespace Orchestra.Cli;

/// <summary>What a script learns.</summary>
internal static class ExitCode
{
    public const int Done = 0;
    public const int Failed = 1;
    public const int Usage = 2;
    public const int NotLoggedIn = 3;
    public const int NotReached = 4;
}
