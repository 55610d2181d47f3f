using Microsoft.Extensions.Logging;
using Orchestra.Sync.Errors;

namespace Orchestra.Client.Hosting;

/// <summary>What the client's service says in an app's log.</summary>
internal static partial class ClientLog
{
    [LoggerMessage(1, LogLevel.Warning, "Sync has ended ({Code}) and is tried again later")]
    public static partial void SyncEnded(ILogger logger, ErrorCode code, Exception error);

    [LoggerMessage(2, LogLevel.Error, "Sync failed unexpectedly and is tried again later")]
    public static partial void SyncFailed(ILogger logger, Exception error);
}
