using Microsoft.Extensions.Logging;

namespace Orchestra.Grains.Maintenance;

/// <summary>What maintenance says besides what the store says of it.</summary>
internal static partial class MaintenanceLog
{
    [LoggerMessage(
        1,
        LogLevel.Warning,
        "A run of {What} failed and is tried again at its time: {Reason}"
    )]
    public static partial void Failed(ILogger logger, string what, string reason);

    [LoggerMessage(
        2,
        LogLevel.Warning,
        "{Grain} could not be scheduled and is tried again in a minute: {Reason}"
    )]
    public static partial void NotScheduled(ILogger logger, string grain, string reason);
}
