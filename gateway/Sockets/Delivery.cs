using Microsoft.Extensions.Logging;
using Orchestra.Gateway.Errors;
using Orchestra.Gateway.Feeds;
using Orchestra.Gateway.Requests;
using Orchestra.Sync;

namespace Orchestra.Gateway.Sockets;

/// <summary>
/// Sends a device what it did not ask for: changes, the catalog that explains them, presence. One
/// thing at a time, and each only when the one before has left.
/// </summary>
internal sealed class Delivery
{
    private readonly SocketServices services;
    private readonly Connection connection;
    private readonly OwnerFeed feed;
    private readonly DeviceId device;
    private readonly ChangeStream stream;
    private readonly Pump pump;
    private volatile string? catalogHash;
    private int presenceIsNews;

    public Delivery(SocketServices services, Connection connection, OwnerFeed feed, DeviceId device)
    {
        this.services = services;
        this.connection = connection;
        this.feed = feed;
        this.device = device;
        stream = new ChangeStream(feed, services.Frames, connection, services.Time, services.Log);
        pump = new Pump(DeliverAsync, services.Scheduler);
    }

    /// <summary>Begins, for a device that has this catalog.</summary>
    public void Start(Cursor cursor, IReadOnlyList<string>? entities, string catalog)
    {
        catalogHash = catalog;
        Reposition(cursor, entities, null);
    }

    public void Reposition(Cursor cursor, IReadOnlyList<string>? entities, long? answers)
    {
        stream.Reposition(cursor, entities, answers);
        Wake();
    }

    public void Acknowledge(long epoch, long version)
    {
        stream.Acknowledge(epoch, version);
        Wake();
    }

    public void Beat(OwnerHead head)
    {
        stream.Beat(head);
        Wake();
    }

    public void TellPresence()
    {
        Volatile.Write(ref presenceIsNews, 1);
        Wake();
    }

    /// <summary>
    /// Whether what is there for the device has gone nowhere for that long: no write has ended, or
    /// nothing was acknowledged while the window was full.
    /// </summary>
    public bool IsStalledFor(TimeSpan span) =>
        stream.IsStalledFor(span) || connection.IsStalledFor(span);

    /// <summary>There may be something to send. Before the start there is not.</summary>
    public void Wake()
    {
        if (catalogHash is not null)
            pump.Wake();
    }

    public Task WhenAtRest() => pump.WhenAtRest();

    private async Task DeliverAsync()
    {
        try
        {
            do
            {
                if (Interlocked.Exchange(ref presenceIsNews, 0) == 1)
                    await connection.SendAsync(feed.Presence);
            } while (!connection.IsClosing && await SendNextAsync());
        }
        catch (OperationCanceledException) when (connection.Ended.IsCancellationRequested)
        {
            services.Log.DeliveryCut(feed.Owner, device);
        }
        catch (Exception fault)
        {
            await connection.FailAsync(fault, isEnd: true);
        }
    }

    private async Task<bool> SendNextAsync()
    {
        if (await stream.NextAsync() is not { } frame)
            return false;
        await SendCatalogAsync(frame.CatalogHash);
        await connection.SendAsync(frame.Bytes);
        if (frame.Revoked.Contains(device))
            await connection.FailAsync(Refusals.DeviceRevoked());
        return true;
    }

    private async Task SendCatalogAsync(string? needed)
    {
        if (needed is null || needed == catalogHash)
            return;
        var catalog = await services.Catalogs.CurrentAsync(needed);
        await connection.SendAsync(CatalogView.ToMessage(catalog));
        catalogHash = catalog.Hash;
    }
}
