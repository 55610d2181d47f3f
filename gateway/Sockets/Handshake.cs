using Orchestra.Gateway.Authentication;
using Orchestra.Gateway.Quotas;
using Orchestra.Gateway.Requests;
using Orchestra.Grains.Interfaces;
using Orchestra.Sync;
using Orchestra.Sync.Catalog;
using Orchestra.Sync.Errors;
using Orchestra.Sync.Wire;

namespace Orchestra.Gateway.Sockets;

/// <summary>From hello to welcome.</summary>
internal static class Handshake
{
    /// <param name="connection">The socket.</param>
    /// <param name="fromHeader">Whom the upgrade request's token named, if it had one.</param>
    /// <param name="hello">What the device says.</param>
    /// <param name="services">Shared by all sockets.</param>
    /// <param name="stranger">Its place among strangers, which it leaves when it is none.</param>
    public static async Task<DeviceSession> AcceptAsync(
        Connection connection,
        Caller? fromHeader,
        HelloMessage hello,
        SocketServices services,
        IDisposable? stranger = null
    )
    {
        Greeting.RequireProtocol(hello);
        var caller = await IdentifyAsync(fromHeader, hello.Token, services.Tokens);
        stranger?.Dispose();
        services.Rates?.Require(caller.Owner);
        var place = services.Admission?.EnterUser(caller.Owner, connection.TurnAway);
        try
        {
            var session = await WelcomeAsync(connection, caller, hello, services);
            session.Place = place;
            return session;
        }
        catch
        {
            place?.Dispose();
            throw;
        }
    }

    /// <summary>Takes the session out of the owner's feed again.</summary>
    public static async Task LeaveAsync(DeviceSession session, SocketServices services)
    {
        session.Feed.Remove(session);
        session.Feed.AnnouncePresence();
        await services.Feeds.LeaveAsync(session.Feed);
        session.Place?.Dispose();
        services.Log.Disconnected(session.Feed.Owner, session.Device.Id);
    }

    private static async Task<DeviceSession> WelcomeAsync(
        Connection connection,
        Caller caller,
        HelloMessage hello,
        SocketServices services
    )
    {
        var cursor = FindCursor(hello, caller);
        var entities = await services.Requests.RequireEntitiesAsync(hello.Entities);
        var known = await services.Requests.OpenAsync(caller, hello.Device);
        var catalog = await services.Catalogs.CurrentAsync(known.CatalogHash);

        var session = await EnterFeedAsync(connection, caller, hello.Device, services);
        await connection.SendAsync(Greeting.Welcome(caller, hello, known, catalog, services.Time));
        session.Start(cursor ?? Cursor.Start(known.Head.Epoch), entities, catalog.Hash);
        services.Log.Connected(caller.Owner, hello.Device.Id);
        return session;
    }

    private static async Task<Caller> IdentifyAsync(
        Caller? fromHeader,
        string? token,
        AccessTokens tokens
    )
    {
        if (token is null)
            return fromHeader ?? throw Errors.Refusals.Unauthenticated();
        var fromHello = await tokens.ReadAsync(token);
        fromHeader?.RequireOwner(fromHello.Owner);
        return fromHello;
    }

    private static Cursor? FindCursor(HelloMessage hello, Caller caller)
    {
        foreach (var cursor in hello.Cursors)
            caller.RequireOwner(cursor.Owner);
        return hello.Cursors switch
        {
            [] => null,
            [var cursor] => ToDomain.ToCursor(
                cursor.Epoch,
                cursor.Version,
                cursor.Mark,
                cursor.Floor,
                "version"
            ),
            _ => throw new SyncException(
                ErrorCode.Malformed,
                "There is one cursor an owner",
                "cursors"
            ),
        };
    }

    /// <summary>Listens before the first read, so that no commit falls in between.</summary>
    private static async Task<DeviceSession> EnterFeedAsync(
        Connection connection,
        Caller caller,
        WireDevice device,
        SocketServices services
    )
    {
        var feed = services.Feeds.Enter(caller.Owner);
        var session = new DeviceSession(services, connection, feed, caller, device);
        try
        {
            await feed.SubscribeAsync(device.Id);
        }
        catch
        {
            await services.Feeds.LeaveAsync(feed);
            throw;
        }
        if (feed.Add(session) is { } older)
            await older.ReplaceAsync();
        return session;
    }
}
