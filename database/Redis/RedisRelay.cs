using Orchestra.Sync;
using Orchestra.Sync.Relay;
using StackExchange.Redis;

namespace Orchestra.Database.Redis;

/// <summary>Hints over Redis, on one channel an owner: <c>sync:{owner}</c>.</summary>
public sealed class RedisRelay : IOwnerRelay
{
    /// <summary>The longest id a cluster may have here, UTF-8 bytes.</summary>
    public const int MostOriginBytes = HeadMessage.MostOriginBytes;

    /// <summary>Owners whose hints wait; beyond it hints are dropped.</summary>
    private const int MostPending = 10_000;

    /// <summary>Messages under way at once.</summary>
    private const int MostInFlight = 256;

    private readonly Lock gate = new();
    private readonly Dictionary<OwnerId, HeadHint> pending = [];
    private readonly RedisConnection connection;
    private readonly string origin;
    private readonly Listeners<Action<HeadHint>> listeners;
    private bool isSending;

    /// <param name="connection">The way there.</param>
    /// <param name="origin">This cluster's id, by which its own messages are known.</param>
    public RedisRelay(RedisConnection connection, string origin)
    {
        this.connection = connection;
        this.origin = origin;
        listeners = new(connection, "sync", Hear);
    }

    public void Announce(OwnerId owner, HeadHint head)
    {
        lock (gate)
        {
            var isFull = pending.Count >= MostPending && !pending.ContainsKey(owner);
            if (isFull)
            {
                RelayCounters.Failures.Add(1);
                return;
            }
            pending[owner] = head;
            if (isSending)
                return;
            isSending = true;
        }
        // Not on the caller's scheduler, which is a grain's.
        _ = Task.Run(SendAsync);
    }

    public IDisposable Listen(OwnerId owner, Action<HeadHint> hear) => listeners.Add(owner, hear);

    private async Task SendAsync()
    {
        while (Take() is { Count: > 0 } batch)
            await Task.WhenAll(batch.Select(hint => SendAsync(hint.Key, hint.Value)));
    }

    private List<KeyValuePair<OwnerId, HeadHint>> Take()
    {
        lock (gate)
        {
            var batch = pending.Take(MostInFlight).ToList();
            foreach (var (owner, _) in batch)
                pending.Remove(owner);
            isSending = batch.Count > 0;
            return batch;
        }
    }

    private async Task SendAsync(OwnerId owner, HeadHint head)
    {
        try
        {
            await connection.Subscriber.PublishAsync(
                listeners.ChannelOf(owner),
                new HeadMessage(head, origin).Write()
            );
            RelayCounters.Announced.Add(1);
        }
        catch (Exception e) when (connection.IsRedisFault(e))
        {
            RelayCounters.Failures.Add(1);
        }
    }

    private void Hear(RedisValue message, IReadOnlyList<Action<HeadHint>> hearers)
    {
        RelayCounters.Received.Add(1);
        if (
            message.Length() > HeadMessage.MostBytes
            || HeadMessage.TryRead(((ReadOnlyMemory<byte>)message).Span) is not { } read
        )
            RelayCounters.Garbage.Add(1);
        else if (read.Origin == origin)
            RelayCounters.Own.Add(1);
        else
            foreach (var hear in hearers)
                hear(read.Head);
    }
}
