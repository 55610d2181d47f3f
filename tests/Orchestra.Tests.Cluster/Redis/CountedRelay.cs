using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using Orchestra.Sync.Relay;

namespace Orchestra.Tests.Cluster.Redis;

/// <summary>What this process counts of the relay, from now on.</summary>
internal sealed class CountedRelay : IDisposable
{
    private const string Prefix = "orchestra.relay.";

    private readonly MeterListener listener = new();
    private readonly ConcurrentDictionary<string, long> counts = [];

    public CountedRelay()
    {
        listener.InstrumentPublished = (instrument, self) =>
        {
            if (instrument.Meter.Name == RelayCounters.MeterName)
                self.EnableMeasurementEvents(instrument);
        };
        listener.SetMeasurementEventCallback<long>(
            (instrument, value, _, _) =>
                counts.AddOrUpdate(instrument.Name[Prefix.Length..], value, (_, sum) => sum + value)
        );
        listener.Start();
    }

    public long this[string counter] => counts.GetValueOrDefault(counter);

    public override string ToString() =>
        string.Join(
            ", ",
            counts.OrderBy(pair => pair.Key).Select(pair => $"{pair.Key} {pair.Value}")
        );

    public void Dispose() => listener.Dispose();
}
