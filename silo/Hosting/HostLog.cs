namespace Orchestra.Silo.Hosting;

internal static partial class HostLog
{
    [LoggerMessage(
        1,
        LogLevel.Error,
        "{Seconds} s after it was told to end, the process ends without having left in order"
    )]
    public static partial void EndedAnyway(ILogger log, double seconds);
}
