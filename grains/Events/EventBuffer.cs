using Orchestra.Grains.Interfaces;

namespace Orchestra.Grains.Events;

/// <summary>
/// What happened on this silo since it was last published: the newest <see cref="Capacity"/> events,
/// and the number of those that had to make room.
/// </summary>
public sealed class EventBuffer(TimeProvider time) : IEventSink
{
    public const int Capacity = 500;

    /// <summary>How long a watcher who was seen is taken to be there.</summary>
    private static readonly TimeSpan WatchLease = TimeSpan.FromSeconds(6);

    private readonly Lock access = new();
    private readonly Queue<OperatorEvent> events = new(Capacity);
    private long dropped;
    private long watchedUntil = long.MinValue;

    public bool IsWatched => time.GetTimestamp() < Interlocked.Read(ref watchedUntil);

    /// <summary>Somebody watches, and will for a while.</summary>
    public void SeeWatcher() =>
        Interlocked.Exchange(
            ref watchedUntil,
            time.GetTimestamp() + (long)(WatchLease.TotalSeconds * time.TimestampFrequency)
        );

    public void Add(OperatorEvent happened)
    {
        lock (access)
        {
            if (events.Count == Capacity)
            {
                events.Dequeue();
                dropped++;
            }
            events.Enqueue(happened);
        }
    }

    /// <summary>Everything there is; null if that is nothing.</summary>
    public OperatorEventBatch? Take()
    {
        lock (access)
        {
            if (events.Count == 0)
                return null;
            var batch = new OperatorEventBatch([.. events], dropped);
            events.Clear();
            dropped = 0;
            return batch;
        }
    }

    /// <summary>A batch was lost on its way: the next one says so.</summary>
    public void CountAsDropped(OperatorEventBatch lost)
    {
        lock (access)
            dropped += lost.Dropped + lost.Events.Count;
    }
}
