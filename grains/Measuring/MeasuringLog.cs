using Microsoft.Extensions.Logging;

namespace Orchestra.Grains.Measuring;

internal static partial class MeasuringLog
{
    [LoggerMessage(1, LogLevel.Information, "The store could not be measured: {Reason}")]
    public static partial void NotMeasured(ILogger logger, string reason);
}
