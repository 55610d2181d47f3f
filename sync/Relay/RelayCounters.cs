using System.Diagnostics.Metrics;

namespace Orchestra.Sync.Relay;

/// <summary>What passes between clusters, counted since the process began.</summary>
public static class RelayCounters
{
    /// <summary>The meter that has them.</summary>
    public const string MeterName = "Orchestra.Relay";

    private static readonly Meter Meter = new(MeterName);

    /// <summary>Hints that left.</summary>
    public static readonly Counter<long> Announced = Count("announced", "Hints sent");

    /// <summary>Messages that came in, of whatever kind.</summary>
    public static readonly Counter<long> Received = Count("received", "Messages received");

    /// <summary>Of those, the ones that this cluster sent itself.</summary>
    public static readonly Counter<long> Own = Count("own", "Own messages, skipped");

    /// <summary>Of those, the ones that are none.</summary>
    public static readonly Counter<long> Garbage = Count("garbage", "Unreadable, dropped");

    /// <summary>How often the store was asked because of a hint.</summary>
    public static readonly Counter<long> Lookups = Count("lookups", "Questions to the store");

    /// <summary>What could not be sent, read or written.</summary>
    public static readonly Counter<long> Failures = Count("failures", "Failed, not repeated");

    /// <summary>What has not happened yet is 0 and not unknown.</summary>
    public static void Begin()
    {
        foreach (var counter in new[] { Announced, Received, Own, Garbage, Lookups, Failures })
            counter.Add(0);
    }

    private static Counter<long> Count(string name, string description) =>
        Meter.CreateCounter<long>($"orchestra.relay.{name}", null, description);
}
