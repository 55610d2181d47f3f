using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Orchestra.Gateway.Quotas;
using Orchestra.Silo.Configuration;

namespace Orchestra.Silo.Hosting;

/// <summary>
/// One of the silo's doors. A connection carries the mark of the door that it came in by, and an
/// endpoint is found only through its own: what a request says of its host changes nothing.
/// </summary>
internal sealed class Listener(string name)
{
    public static readonly Listener Gateway = new("gateway");
    public static readonly Listener Admin = new("admin");

    /// <summary>
    /// Bytes that may wait in the kernel for one connection. Left to itself it takes megabytes, and
    /// says that some have left only when a third of them has: a slow reader would look like none.
    /// </summary>
    private const int SendBuffer = 256 * 1024;

    public string Name => name;

    /// <summary>A socket whose connections inherit what is set on it.</summary>
    public static Socket Bind(EndPoint address)
    {
        var socket = SocketTransportOptions.CreateDefaultBoundListenSocket(address);
        socket.SendBufferSize = SendBuffer;
        return socket;
    }

    /// <param name="kestrel">Where.</param>
    /// <param name="address">At which address.</param>
    /// <param name="places">How many may come from one address; null = any number.</param>
    public void Open(
        KestrelServerOptions kestrel,
        ListenAddress address,
        HttpPlaces? places = null
    ) =>
        kestrel.Listen(
            address.EndPoint,
            listen =>
                listen.Use(next =>
                    connection =>
                    {
                        connection.Features.Set(this);
                        return places is null
                            ? next(connection)
                            : LimitAsync(connection, next, places);
                    }
                )
        );

    private static async Task LimitAsync(
        ConnectionContext connection,
        ConnectionDelegate next,
        HttpPlaces places
    )
    {
        if (connection.RemoteEndPoint is not IPEndPoint { Address: var from })
        {
            await next(connection);
            return;
        }
        using var place = places.TryEnter(from);
        if (place is null)
        {
            connection.Abort();
            return;
        }
        connection.Features.Set(place);
        await next(connection);
    }

    public bool IsUsedBy(HttpContext context) => context.Features.Get<Listener>() == this;

    /// <summary>A group of endpoints that is found through this listener only.</summary>
    public RouteGroupBuilder GroupOf(IEndpointRouteBuilder endpoints) =>
        endpoints.MapGroup("").WithMetadata(this);

    /// <summary>Hides the endpoints of other listeners, and those of none. After routing.</summary>
    public static Task HideOthers(HttpContext context, RequestDelegate next)
    {
        var endpoint = context.GetEndpoint();
        var listener = endpoint?.Metadata.GetMetadata<Listener>();
        if (endpoint is not null && listener?.IsUsedBy(context) != true)
            context.SetEndpoint(null);
        return next(context);
    }
}
