using System.Diagnostics.Metrics;
using Orchestra.Sync;
using Orchestra.Sync.Errors;
using Orchestra.Sync.Wire;

namespace Orchestra.Gateway;

/// <summary>
/// What passes the doors of this process since it began. A tag is one of a few words, and never says who.
/// </summary>
public static class GatewayMeter
{
    /// <summary>The meter that has them.</summary>
    public const string Name = "Orchestra.Gateway";

    private static readonly Meter Meter = new(Name);

    private static readonly Counter<long> Messages = Meter.CreateCounter<long>(
        "orchestra.gateway.messages",
        "{message}",
        "Messages of devices over WebSockets, by type"
    );

    private static readonly Counter<long> Errors = Meter.CreateCounter<long>(
        "orchestra.gateway.errors",
        "{error}",
        "Errors that clients were told, by code"
    );

    internal static readonly Counter<long> Received = Meter.CreateCounter<long>(
        "orchestra.gateway.received",
        "By",
        "Messages and bodies that came in, contents of files not counted"
    );

    internal static readonly Counter<long> Sent = Meter.CreateCounter<long>(
        "orchestra.gateway.sent",
        "By",
        "Messages and bodies that went out, contents of files not counted"
    );

    /// <summary>From a parsed push to its verdicts.</summary>
    internal static readonly Histogram<double> PushDuration = Meter.CreateHistogram(
        "orchestra.push.duration",
        "s",
        "From a parsed push to its verdicts",
        advice: new InstrumentAdvice<double>
        {
            HistogramBucketBoundaries =
            [
                0.001,
                0.0025,
                0.005,
                0.01,
                0.025,
                0.05,
                0.1,
                0.25,
                0.5,
                1,
                2.5,
                5,
                10,
                30,
            ],
        }
    );

    /// <summary>Whenever a connected device acknowledges: how much it has not yet.</summary>
    internal static readonly Histogram<long> DeviceLag = Meter.CreateHistogram(
        "orchestra.gateway.device_lag",
        "{change}",
        "How far a connected device is behind when it acknowledges",
        advice: new InstrumentAdvice<long>
        {
            HistogramBucketBoundaries = [0, 1, 10, 100, 1_000, 10_000, 100_000],
        }
    );

    /// <summary>What has not happened yet is 0 and not unknown.</summary>
    public static void Begin()
    {
        Received.Add(0);
        Sent.Add(0);
        foreach (var code in Enum.GetValues<ErrorCode>())
            Fail(code, 0);
    }

    internal static void Fail(ErrorCode code, int count = 1) =>
        Errors.Add(count, MeterTag.Of("code", code.Name()));

    internal static void Count(ClientMessage message) =>
        Messages.Add(1, MeterTag.Of("type", TypeOf(message)));

    private static string TypeOf(ClientMessage message) =>
        message switch
        {
            HelloMessage => "hello",
            PushMessage => "push",
            PullMessage => "pull",
            AckMessage => "ack",
            VerifyMessage => "verify",
            PresenceMessage => "presence",
            TokenMessage => "token",
            PingMessage => "ping",
            _ => "other",
        };
}
