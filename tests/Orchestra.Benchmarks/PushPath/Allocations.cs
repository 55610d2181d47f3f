using System.Diagnostics.Tracing;

namespace Orchestra.Benchmarks.PushPath;

/// <summary>
/// Which types memory is allocated for, by the samples that the runtime takes every 100 KB or so.
/// </summary>
internal sealed class Allocations : EventListener
{
    private const string Runtime = "Microsoft-Windows-DotNETRuntime";
    private const EventKeywords Collector = (EventKeywords)1;

    private readonly Lock gate = new();
    private readonly Dictionary<string, ulong> bytes = [];

    public IReadOnlyList<(string Type, ulong Bytes)> Most(int count)
    {
        lock (gate)
            return
            [
                .. bytes
                    .Select(pair => (Type: pair.Key, Bytes: pair.Value))
                    .OrderByDescending(pair => pair.Bytes)
                    .Take(count),
            ];
    }

    protected override void OnEventSourceCreated(EventSource eventSource)
    {
        if (eventSource.Name == Runtime)
            EnableEvents(eventSource, EventLevel.Verbose, Collector);
    }

    protected override void OnEventWritten(EventWrittenEventArgs eventData)
    {
        if (eventData.EventName?.StartsWith("GCAllocationTick", StringComparison.Ordinal) != true)
            return;
        var names = eventData.PayloadNames!;
        var type = (string)eventData.Payload![names.IndexOf("TypeName")]!;
        var amount = (ulong)eventData.Payload[names.IndexOf("AllocationAmount64")]!;
        lock (gate)
            bytes[type] = bytes.GetValueOrDefault(type) + amount;
    }
}
