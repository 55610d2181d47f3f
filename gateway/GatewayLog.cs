using Microsoft.Extensions.Logging;
using Orchestra.Sync;
using Orchestra.Sync.Contents;

namespace Orchestra.Gateway;

/// <summary>Everything the gateway writes to the log. No tokens, no field values.</summary>
internal static partial class GatewayLog
{
    [LoggerMessage(1, LogLevel.Error, "A request failed unexpectedly (trace {Trace})")]
    public static partial void RequestFailed(this ILogger log, string trace, Exception fault);

    [LoggerMessage(2, LogLevel.Warning, "A request timed out inside (trace {Trace})")]
    public static partial void RequestTimedOut(this ILogger log, string trace, Exception fault);

    [LoggerMessage(3, LogLevel.Debug, "Device {Device} of {Owner} connected")]
    public static partial void Connected(this ILogger log, OwnerId owner, DeviceId device);

    [LoggerMessage(4, LogLevel.Debug, "Device {Device} of {Owner} disconnected")]
    public static partial void Disconnected(this ILogger log, OwnerId owner, DeviceId device);

    [LoggerMessage(5, LogLevel.Warning, "Reading changes of {Owner} failed; trying again")]
    public static partial void ReadFailed(this ILogger log, OwnerId owner, Exception fault);

    [LoggerMessage(6, LogLevel.Warning, "Renewing the subscription to {Owner} failed")]
    public static partial void RenewalFailed(this ILogger log, OwnerId owner, Exception fault);

    [LoggerMessage(7, LogLevel.Warning, "Reading the heads of {Count} owners failed")]
    public static partial void HeadsFailed(this ILogger log, int count, Exception fault);

    [LoggerMessage(8, LogLevel.Warning, "Forwarding an acknowledgement of {Owner} failed")]
    public static partial void AckFailed(this ILogger log, OwnerId owner, Exception fault);

    [LoggerMessage(9, LogLevel.Information, "Draining {Count} sockets")]
    public static partial void DrainStarted(this ILogger log, int count);

    [LoggerMessage(10, LogLevel.Warning, "No silo says who is in the cluster")]
    public static partial void SilosUnknown(this ILogger log, Exception fault);

    [LoggerMessage(14, LogLevel.Warning, "No silo served a request in time (trace {Trace})")]
    public static partial void RequestUnserved(this ILogger log, string trace, Exception fault);

    [LoggerMessage(15, LogLevel.Error, "The bytes of {Hash} of {Owner} are gone")]
    public static partial void ContentMissing(this ILogger log, OwnerId owner, ContentHash hash);

    [LoggerMessage(11, LogLevel.Debug, "Ending the subscription to {Owner} failed")]
    public static partial void UnsubscribeFailed(this ILogger log, OwnerId owner, Exception fault);

    [LoggerMessage(12, LogLevel.Debug, "Delivery to device {Device} of {Owner} was cut")]
    public static partial void DeliveryCut(this ILogger log, OwnerId owner, DeviceId device);

    [LoggerMessage(13, LogLevel.Warning, "{Count} sockets did not close in time")]
    public static partial void DrainCutShort(this ILogger log, int count);
}
