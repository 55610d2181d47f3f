using Microsoft.Extensions.Logging;
using Orchestra.Sync;

namespace Orchestra.Grains.Embeddings;

/// <summary>What embedding says; never of what.</summary>
internal static partial class EmbeddingLog
{
    [LoggerMessage(
        1,
        LogLevel.Warning,
        "The model gives no vectors and is asked again in {Seconds} s: {Reason}"
    )]
    public static partial void NoVectors(ILogger logger, int seconds, string reason);

    [LoggerMessage(2, LogLevel.Information, "The model gives vectors again")]
    public static partial void VectorsAgain(ILogger logger);

    [LoggerMessage(
        3,
        LogLevel.Warning,
        "The model refuses the text of {Row} of the owner {Owner}, which is not found by meaning"
    )]
    public static partial void Refused(ILogger logger, RowKey row, OwnerId owner);

    [LoggerMessage(
        5,
        LogLevel.Warning,
        "The store cannot be reached, and embedding goes on when it can"
    )]
    public static partial void StoreUnavailable(ILogger logger);

    [LoggerMessage(4, LogLevel.Information, "Embedded {Texts} texts")]
    public static partial void Embedded(ILogger logger, int texts);
}
