using Microsoft.Extensions.Logging;

namespace Orchestra.Database.Redis;

/// <summary>Everything this room logs about Redis, each once for a change of state.</summary>
internal static partial class RedisLog
{
    [LoggerMessage(
        20,
        LogLevel.Warning,
        "Redis cannot be reached: {Reason}. Until it can, other clusters' changes arrive within 30 seconds"
    )]
    public static partial void Unreachable(ILogger logger, string reason);

    [LoggerMessage(21, LogLevel.Information, "Redis is reached")]
    public static partial void Reached(ILogger logger);

    [LoggerMessage(22, LogLevel.Error, "Redis refused a command: {Reason}")]
    public static partial void Refused(ILogger logger, string reason);
}
