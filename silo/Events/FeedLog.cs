namespace Orchestra.Silo.Events;

/// <summary>What the feed of events says about itself.</summary>
internal static partial class FeedLog
{
    [LoggerMessage(
        1,
        LogLevel.Information,
        "The events of the cluster cannot be read for the moment: {Reason}"
    )]
    public static partial void NotSubscribed(ILogger logger, string reason);

    [LoggerMessage(2, LogLevel.Information, "The events of the cluster are read anew")]
    public static partial void SubscribedAnew(ILogger logger);
}
