using Microsoft.Extensions.Logging;

namespace Orchestra.Grains.Events;

/// <summary>What the feed of events says about itself.</summary>
internal static partial class EventLog
{
    [LoggerMessage(
        1,
        LogLevel.Information,
        "Events for operators could not be published for the moment: {Reason}"
    )]
    public static partial void NotPublished(ILogger logger, string reason);
}
