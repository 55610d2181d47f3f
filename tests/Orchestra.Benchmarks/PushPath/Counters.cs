using System.Diagnostics.Metrics;

namespace Orchestra.Benchmarks.PushPath;

/// <summary>What Orleans, the driver of PostgreSQL and the runtime count by themselves.</summary>
internal sealed class Counters : IDisposable
{
    /// <summary>A histogram with one measurement a call that was answered.</summary>
    private const string Calls = "orleans-app-requests-latency";
    private const string Activations = "orleans-grains";

    /// <summary>A histogram with one measurement a command or batch of commands.</summary>
    private const string RoundTrips = "db.client.operation.duration";

    private readonly MeterListener listener = new();
    private long roundTrips;
    private long calls;
    private long activations;

    public Counters()
    {
        listener.InstrumentPublished = (instrument, self) =>
        {
            if (instrument.Name is RoundTrips or Activations or Calls)
                self.EnableMeasurementEvents(instrument);
        };
        listener.SetMeasurementEventCallback<double>((i, _, _, _) => Note(i, 1));
        listener.SetMeasurementEventCallback<int>((i, value, _, _) => Note(i, value));
        listener.Start();
    }

    public Counts Read() =>
        new(
            Volatile.Read(ref calls),
            Volatile.Read(ref roundTrips),
            Volatile.Read(ref activations),
            GC.GetTotalAllocatedBytes()
        );

    public void Dispose() => listener.Dispose();

    private void Note(Instrument instrument, int value)
    {
        switch (instrument.Name)
        {
            case RoundTrips:
                Interlocked.Increment(ref roundTrips);
                break;
            case Calls:
                Interlocked.Increment(ref calls);
                break;
            case Activations:
                Interlocked.Add(ref activations, value);
                break;
        }
    }
}

/// <param name="Calls">Of grains and observers.</param>
/// <param name="RoundTrips">To PostgreSQL.</param>
/// <param name="Activations">Grains that there are.</param>
/// <param name="Allocated">Bytes since the process began.</param>
internal readonly record struct Counts(
    long Calls,
    long RoundTrips,
    long Activations,
    long Allocated
);
