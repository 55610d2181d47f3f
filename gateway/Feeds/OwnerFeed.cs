using Orchestra.Gateway.Requests;
using Orchestra.Gateway.Sockets;
using Orchestra.Grains.Interfaces;
using Orchestra.Sync;
using Orchestra.Sync.Relay;
using Orchestra.Sync.Store;
using Orchestra.Sync.Wire;
using Orleans.Runtime;

namespace Orchestra.Gateway.Feeds;

/// <summary>
/// One owner's news in this process: a single subscription, each committed page serialized once,
/// and the sockets that wait for it.
/// </summary>
internal sealed class OwnerFeed : IOwnerObserver
{
    /// <summary>What is told of presence at once; what changes meanwhile is told together.</summary>
    private static readonly TimeSpan PresenceSpacing = TimeSpan.FromMilliseconds(100);

    /// <summary>Bytes a second of it, to all sockets together: a hundred devices may flood each other.</summary>
    private const double PresenceRate = 4 * 1024 * 1024;

    private readonly OwnerId owner;
    private readonly IGrainFactory grains;
    private readonly CatalogView catalogs;
    private readonly TimeProvider time;
    private readonly SharedPresence? shared;
    private readonly Lock gate = new();
    private readonly FrameRing ring = new();
    private readonly Dictionary<DeviceId, DeviceSession> sessions = [];
    private readonly ISyncGrain grain;
    private readonly Pump presencePump;
    private volatile byte[] presence = [];
    private IOwnerObserver? reference;
    private SiloAddress? host;
    private Cursor head = Cursor.Start(0);
    private long renewedAt;
    private long newsAt;

    public OwnerFeed(
        OwnerId owner,
        IGrainFactory grains,
        CatalogView catalogs,
        TimeProvider time,
        IPresenceRelay? relay,
        TaskScheduler? scheduler
    )
    {
        (this.owner, this.grains, this.catalogs, this.time) = (owner, grains, catalogs, time);
        grain = grains.GetGrain<ISyncGrain>(owner.Value);
        newsAt = time.GetTimestamp();
        presencePump = new Pump(TellPresenceAsync, scheduler);
        if (relay is not null)
            shared = new SharedPresence(owner, relay, PresenceHere, presencePump.Wake, time);
    }

    public OwnerId Owner => owner;

    /// <summary>Whether the subscription will end soon, or has ended with the grain's silo.</summary>
    /// <param name="live">The silos that there are; null = not known.</param>
    public bool NeedsRenewal(IReadOnlySet<SiloAddress>? live) =>
        reference is not null
        && (
            time.GetElapsedTime(renewedAt) >= ObserverLease.Renewal
            || (host is not null && live?.Contains(host) == false)
        );

    public bool IsSilentFor(TimeSpan span) =>
        time.GetElapsedTime(Volatile.Read(ref newsAt)) >= span;

    /// <summary>Adds a device's socket.</summary>
    /// <returns>The older one of the same device, whose time is over.</returns>
    public DeviceSession? Add(DeviceSession session)
    {
        lock (gate)
        {
            var older = sessions.GetValueOrDefault(session.Device.Id);
            sessions[session.Device.Id] = session;
            return older;
        }
    }

    public void Remove(DeviceSession session)
    {
        lock (gate)
        {
            if (sessions.GetValueOrDefault(session.Device.Id) == session)
                sessions.Remove(session.Device.Id);
        }
    }

    /// <summary>Subscribes, or prolongs the subscription, and learns the head.</summary>
    /// <param name="arriving">A device that has just connected.</param>
    public async Task SubscribeAsync(DeviceId? arriving = null)
    {
        var subscription = await grain.Subscribe(Reference(), arriving);
        host = subscription.Host;
        renewedAt = time.GetTimestamp();
        Learn(subscription.Head);
    }

    public async Task UnsubscribeAsync()
    {
        shared?.End();
        if (reference is null)
            return;
        await grain.Unsubscribe(reference);
        grains.DeleteObjectReference<IOwnerObserver>(reference);
    }

    public async Task OnCommitted(ChangesPage page)
    {
        var frame = Frame.Of(owner, page, await catalogs.CoverAsync(page), null);
        lock (gate)
        {
            // An announcement has nothing to send, and what is larger than a frame may be every
            // reader fetches in pieces.
            if (!frame.IsEmpty && frame.Bytes.Length <= Limits.FrameBytes)
                ring.Add(frame);
            else
                ring.Clear();
            head = frame.End;
        }
        Volatile.Write(ref newsAt, time.GetTimestamp());
        foreach (var session in Sessions())
            if (frame.Revoked.Contains(session.Device.Id))
                // Here, because it may take no frame that says so: for want of credit, or because
                // of its filter. Not awaited, because it may take its time to hear it.
                _ = session.BarAsync();
            else
                session.Delivery.Wake();
    }

    public Task OnMoved(DeviceId device)
    {
        DeviceSession? here;
        lock (gate)
            here = sessions.GetValueOrDefault(device);
        // Not awaited, because it may take its time to hear it.
        _ = here?.ReplaceAsync();
        return Task.CompletedTask;
    }

    /// <summary>What the database says, whatever has or has not been heard.</summary>
    public void Beat(OwnerHead now)
    {
        Volatile.Write(ref newsAt, time.GetTimestamp());
        lock (gate)
            ring.Clear();
        Learn(now);
        foreach (var session in Sessions())
            session.Delivery.Beat(now);
    }

    /// <summary>Ends the sockets that have been stalled for that long.</summary>
    public void EndStalled(TimeSpan span)
    {
        foreach (var session in Sessions())
            session.EndIfStalledFor(span);
    }

    public bool IsAtHead(Cursor cursor)
    {
        lock (gate)
            return cursor.Epoch == head.Epoch && cursor.Version >= head.Version;
    }

    /// <summary>How many changes a device is behind what is known here.</summary>
    public long LagOf(long epoch, long version)
    {
        lock (gate)
            return epoch == head.Epoch ? Math.Max(0, head.Version - version) : head.Version;
    }

    public Frame? FindFrame(Cursor cursor)
    {
        lock (gate)
            return ring.Find(cursor);
    }

    /// <summary>Who is connected here changed, or what one of them says of itself.</summary>
    public void AnnouncePresence()
    {
        presencePump.Wake();
        shared?.Tell();
    }

    /// <summary>Tells other gateways again, if it is time to.</summary>
    public void RenewPresence()
    {
        if (shared?.NeedsRenewal == true)
            shared.Tell();
    }

    /// <summary>Those here, and those elsewhere as far as is known: a message, as it was last told.</summary>
    public ReadOnlyMemory<byte> Presence => presence;

    private WirePresence[] PresenceHere() =>
        [.. Sessions().Select(session => session.ToPresence()).Take(Limits.DevicesPerOwner)];

    private async Task TellPresenceAsync()
    {
        var devices = PresenceHere()
            .Concat(shared?.Elsewhere ?? [])
            .DistinctBy(device => device.Id)
            .Take(Limits.DevicesPerOwner);
        presence = WireCodec.Write(new PresentMessage([.. devices]));
        var receivers = Sessions();
        foreach (var session in receivers)
            session.Delivery.TellPresence();
        var span = TimeSpan.FromSeconds(presence.Length * receivers.Length / PresenceRate);
        await Task.Delay(span > PresenceSpacing ? span : PresenceSpacing, time);
    }

    private void Learn(OwnerHead now)
    {
        lock (gate)
        {
            if (now.Epoch < head.Epoch)
                return;
            if (now.Epoch == head.Epoch && now.Version <= head.Version)
                return;
            head = new Cursor(now.Epoch, now.Version, null, null);
        }
        foreach (var session in Sessions())
            session.Delivery.Wake();
    }

    /// <summary>
    /// The feed as the grain knows it: one, however many devices arrive at once. Orleans keeps
    /// observers weakly: whoever holds the feed keeps the subscription alive.
    /// </summary>
    private IOwnerObserver Reference()
    {
        lock (gate)
            return reference ??= grains.CreateObjectReference<IOwnerObserver>(this);
    }

    private DeviceSession[] Sessions()
    {
        lock (gate)
            return [.. sessions.Values];
    }
}
