using Microsoft.Extensions.Logging;

namespace Orchestra.Grains.Contents;

internal static partial class ContentsLog
{
    [LoggerMessage(
        1,
        LogLevel.Information,
        "Collected {Unused} contents that no row names, {Lost} that no row knew and {Unfinished} "
            + "uploads that did not end"
    )]
    public static partial void Collected(ILogger logger, int unused, int lost, int unfinished);
}
