namespace Orchestra.Silo.Hosting;

internal static partial class AdminLog
{
    [LoggerMessage(1, LogLevel.Warning, "{Path} of the admin listener failed: {Fault}")]
    public static partial void Failed(ILogger log, string path, string fault);
}
