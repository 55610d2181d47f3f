using Orchestra.Sync;

namespace Orchestra.Silo.Overview;

internal static partial class OverviewLog
{
    [LoggerMessage(
        1,
        LogLevel.Information,
        "What this process measures cannot be shown to operators for the moment: {Reason}"
    )]
    public static partial void NotReported(ILogger logger, string reason);

    [LoggerMessage(
        2,
        LogLevel.Warning,
        "Operator {Operator} asked to {Action} for owner {Owner}, device {Device}: {Reason}"
    )]
    public static partial void Asked(
        ILogger logger,
        string @operator,
        string action,
        OwnerId owner,
        DeviceId? device,
        string reason
    );
}
