using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Orchestra.Gateway.Authentication;
using Orchestra.Gateway.Quotas;
using Orchestra.Sync.Errors;

namespace Orchestra.Gateway.Sockets;

/// <summary><c>GET /v1/sync</c>: the WebSocket.</summary>
internal sealed class SocketDoor(
    SocketServices services,
    OpenSockets sockets,
    Admission admission,
    IServiceProvider application
)
{
    private const string Subprotocol = "orchestra.sync.v1";

    private static readonly WebSocketAcceptContext Terms = new()
    {
        SubProtocol = Subprotocol,
        KeepAliveInterval = TimeSpan.FromSeconds(15),
        KeepAliveTimeout = TimeSpan.FromSeconds(9),
    };

    public async Task AcceptAsync(HttpContext context)
    {
        sockets.RequireOpen();
        if (!context.WebSockets.IsWebSocketRequest)
            throw new SyncException(ErrorCode.Malformed, "This address takes WebSockets only");
        if (!context.WebSockets.WebSocketRequestedProtocols.Contains(Subprotocol))
            throw new SyncException(
                ErrorCode.ProtocolUnsupported,
                $"This server speaks the subprotocol {Subprotocol}"
            );
        var address = context.Connection.RemoteIpAddress;
        using var place = admission.Enter(address);
        // Browsers cannot set the header; their token comes with hello.
        var caller = await services.Tokens.FindLastingCallerAsync(context.Request);
        using var stranger = caller is null
            ? admission.EnterStranger()
            : admission.EnterKnown(caller.Owner);
        using var socket = await context.WebSockets.AcceptWebSocketAsync(Terms);
        await ForgetRequestAsync(context);
        using var connection = new Connection(socket, services.Errors, services.Time);
        using var seat = admission.ShareAddress(address, connection.TurnAway);
        await sockets.RunAsync(new SocketLoop(connection, caller, services, stranger));
    }

    /// <summary>
    /// A socket may stay for days, and with it its request: of that, what has served its purpose goes.
    /// </summary>
    private async Task ForgetRequestAsync(HttpContext context)
    {
        context.Features.Get<HttpPlace>()?.Dispose();
        context.Request.Headers.Clear();
        if (context.Features.Get<IServiceProvidersFeature>() is IAsyncDisposable scope)
            await scope.DisposeAsync();
        context.RequestServices = application;
    }
}
