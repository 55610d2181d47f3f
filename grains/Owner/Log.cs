using Microsoft.Extensions.Logging;
using Orchestra.Sync;
using Orchestra.Sync.Store;

namespace Orchestra.Grains.Owner;

/// <summary>Everything the grains log.</summary>
internal static partial class Log
{
    [LoggerMessage(
        1,
        LogLevel.Warning,
        "A gateway did not take versions {From} to {To} of owner {Owner}; it will ask for them"
    )]
    public static partial void DeliveryFailed(
        ILogger logger,
        OwnerId owner,
        long from,
        long to,
        Exception exception
    );

    [LoggerMessage(2, LogLevel.Warning, "Acknowledgements of owner {Owner} were not saved")]
    public static partial void AcksNotSaved(ILogger logger, OwnerId owner, Exception exception);

    [LoggerMessage(
        3,
        LogLevel.Information,
        "A commit of owner {Owner} ended with {Outcome}; what it was to write is decided again"
    )]
    public static partial void DecidedAgain(ILogger logger, OwnerId owner, CommitOutcome outcome);

    [LoggerMessage(
        4,
        LogLevel.Debug,
        "The store could not be asked about a hint for owner {Owner}; the heartbeat will"
    )]
    public static partial void HintNotFollowed(ILogger logger, OwnerId owner, Exception exception);

    [LoggerMessage(
        5,
        LogLevel.Debug,
        "A gateway was not told that a device of owner {Owner} has moved to another"
    )]
    public static partial void MoveUntold(ILogger logger, OwnerId owner, Exception exception);
}
