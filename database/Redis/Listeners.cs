using Orchestra.Sync;
using Orchestra.Sync.Relay;
using StackExchange.Redis;

namespace Orchestra.Database.Redis;

/// <summary>
/// Who in this process listens to which owner's channel, <c>{name}:{owner}</c>. A channel is
/// subscribed while somebody does.
/// </summary>
/// <remarks>
/// The library renews what was subscribed when a connection comes back, but not what was asked for
/// while there was none: that is what mending is for.
/// </remarks>
internal sealed class Listeners<T>
    where T : notnull
{
    private readonly Lock gate = new();
    private readonly Dictionary<OwnerId, Ear[]> ears = [];
    private readonly RedisConnection connection;
    private readonly string name;
    private readonly Action<RedisValue, IReadOnlyList<T>> hear;

    /// <param name="connection">The way there.</param>
    /// <param name="name">Of the channels, before the colon.</param>
    /// <param name="hear">What becomes of a message, for all that listen.</param>
    public Listeners(
        RedisConnection connection,
        string name,
        Action<RedisValue, IReadOnlyList<T>> hear
    )
    {
        this.connection = connection;
        this.name = name;
        this.hear = hear;
        connection.Answered += Mend;
    }

    public RedisChannel ChannelOf(OwnerId owner) => RedisChannel.Literal($"{name}:{owner}");

    /// <param name="owner">Whose channel.</param>
    /// <param name="listener">Who listens, until the result is disposed of.</param>
    public IDisposable Add(OwnerId owner, T listener)
    {
        var ear = new Ear(this, owner, listener);
        // Orders are given within the lock, so that they reach the server in their order.
        lock (gate)
        {
            var others = ears.GetValueOrDefault(owner, []);
            ears[owner] = [.. others, ear];
            if (others.Length == 0)
                Subscribe(owner);
        }
        return ear;
    }

    private T[] Of(OwnerId owner)
    {
        lock (gate)
            return [.. ears.GetValueOrDefault(owner, []).Select(ear => ear.Listener)];
    }

    private void Remove(Ear ear)
    {
        lock (gate)
        {
            if (!ears.TryGetValue(ear.Owner, out var those) || !those.Contains(ear))
                return;
            if (those.Length > 1)
            {
                ears[ear.Owner] = [.. those.Where(other => other != ear)];
                return;
            }
            ears.Remove(ear.Owner);
            Unsubscribe(ear.Owner);
        }
    }

    private void Mend()
    {
        lock (gate)
            foreach (var owner in ears.Keys)
                if (connection.Subscriber.SubscribedEndpoint(ChannelOf(owner)) is null)
                {
                    // Else the library would call twice for each message.
                    Unsubscribe(owner);
                    Subscribe(owner);
                }
    }

    private void Subscribe(OwnerId owner) =>
        Order(subscriber =>
            subscriber.SubscribeAsync(
                ChannelOf(owner),
                (_, message) => hear(message, Of(owner)),
                CommandFlags.FireAndForget
            )
        );

    private void Unsubscribe(OwnerId owner) =>
        Order(subscriber =>
            subscriber.UnsubscribeAsync(ChannelOf(owner), flags: CommandFlags.FireAndForget)
        );

    private void Order(Func<ISubscriber, Task> order) => _ = OrderAsync(order);

    private async Task OrderAsync(Func<ISubscriber, Task> order)
    {
        try
        {
            await order(connection.Subscriber);
        }
        catch (Exception e) when (connection.IsRedisFault(e))
        {
            RelayCounters.Failures.Add(1);
        }
    }

    private sealed class Ear(Listeners<T> all, OwnerId owner, T listener) : IDisposable
    {
        public OwnerId Owner => owner;

        public T Listener => listener;

        public void Dispose() => all.Remove(this);
    }
}
