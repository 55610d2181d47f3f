using Microsoft.Extensions.Logging;

namespace Orchestra.Grains.Measuring;

internal static partial class MeasuringLog
{
    [LoggerMessage(1, LogLevel.Information, "The store could not be measured: {Reason}")]
    public static partial void NotMeasured(ILogger logger, string reason);

    [LoggerMessage(
        2,
        LogLevel.Information,
        "Which processes there are could not be kept, or read, for the moment: {Reason}"
    )]
    public static partial void NotKept(ILogger logger, string reason);
}
