using Orchestra.Gateway.Sockets;
using Orchestra.Sync;
using Orchestra.Sync.Relay;
using Orchestra.Sync.Wire;

namespace Orchestra.Gateway.Feeds;

/// <summary>
/// An owner's devices on other gateways. What changes here is told there and the other way round, by
/// one exchange at a time that nobody waits for, and at most one in <see cref="Spacing"/>.
/// </summary>
internal sealed class SharedPresence
{
    /// <summary>Keeps gateways that answer each other, or a forger, from asking all the time.</summary>
    private static readonly TimeSpan Spacing = TimeSpan.FromMilliseconds(100);

    private readonly OwnerId owner;
    private readonly IPresenceRelay relay;
    private readonly Func<IReadOnlyList<WirePresence>> here;
    private readonly Action changed;
    private readonly TimeProvider time;
    private readonly Pump pump;
    private readonly IDisposable subscription;
    private readonly Guid place = Guid.NewGuid();
    private long exchangedAt;
    private volatile IReadOnlyList<WirePresence> elsewhere = [];

    /// <param name="owner">Whose.</param>
    /// <param name="relay">The way to other gateways.</param>
    /// <param name="here">The devices that are connected here.</param>
    /// <param name="changed">Called when <see cref="Elsewhere"/> has changed.</param>
    /// <param name="time">Paces exchanges.</param>
    public SharedPresence(
        OwnerId owner,
        IPresenceRelay relay,
        Func<IReadOnlyList<WirePresence>> here,
        Action changed,
        TimeProvider time
    )
    {
        (this.owner, this.relay, this.here) = (owner, relay, here);
        (this.changed, this.time) = (changed, time);
        exchangedAt = time.GetTimestamp();
        pump = new Pump(ExchangeAsync);
        subscription = relay.Listen(owner, Hear);
    }

    /// <summary>Of the last exchange; may name devices that have come here since.</summary>
    public IReadOnlyList<WirePresence> Elsewhere => elsewhere;

    public bool NeedsRenewal =>
        time.GetElapsedTime(Volatile.Read(ref exchangedAt)) >= IPresenceRelay.Renewal;

    /// <summary>Something has changed here, or is to be renewed. Returns at once.</summary>
    public void Tell() => pump.Wake();

    /// <summary>Nobody is here any more: takes back what was told, in its own time.</summary>
    public void End()
    {
        subscription.Dispose();
        pump.Wake();
    }

    private void Hear(Guid from)
    {
        if (from != place)
            pump.Wake();
    }

    private async Task ExchangeAsync()
    {
        var before = elsewhere;
        elsewhere = await relay.ExchangeAsync(owner, place, here());
        Volatile.Write(ref exchangedAt, time.GetTimestamp());
        if (!IsSame(before, elsewhere))
            changed();
        await Task.Delay(Spacing, time);
    }

    private static bool IsSame(IReadOnlyList<WirePresence> a, IReadOnlyList<WirePresence> b) =>
        WireCodec
            .Write(new PresentMessage(a))
            .AsSpan()
            .SequenceEqual(WireCodec.Write(new PresentMessage(b)));
}
