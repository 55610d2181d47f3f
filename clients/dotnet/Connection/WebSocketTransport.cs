using System.Net;
using System.Net.WebSockets;
using Orchestra.Sync.Errors;

namespace Orchestra.Client.Connection;

/// <summary>Connects by WebSocket.</summary>
internal sealed class WebSocketTransport : ISyncTransport
{
    private const string Subprotocol = "orchestra.sync.v1";

    public async Task<IMessageChannel> ConnectAsync(
        Uri server,
        string token,
        CancellationToken cancel
    )
    {
        var socket = new ClientWebSocket();
        socket.Options.AddSubProtocol(Subprotocol);
        socket.Options.SetRequestHeader("Authorization", "Bearer " + token);
        socket.Options.KeepAliveInterval = TimeSpan.FromSeconds(15);
        socket.Options.KeepAliveTimeout = TimeSpan.FromSeconds(9);
        socket.Options.CollectHttpResponseDetails = true;
        try
        {
            await socket.ConnectAsync(Address(server), cancel);
            return new WebSocketChannel(socket);
        }
        catch (WebSocketException e)
        {
            var refusal = Refusal(socket.HttpStatusCode, e);
            socket.Dispose();
            throw refusal;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private static Uri Address(Uri server)
    {
        var scheme = server.Scheme is "https" or "wss" ? "wss" : "ws";
        return new UriBuilder(server)
        {
            Scheme = scheme,
            Path = server.AbsolutePath.TrimEnd('/') + "/v1/sync",
        }.Uri;
    }

    private static Exception Refusal(HttpStatusCode status, WebSocketException cause) =>
        status switch
        {
            HttpStatusCode.Unauthorized => new SyncException(
                ErrorCode.Unauthenticated,
                "The server does not accept the token",
                cause
            ),
            HttpStatusCode.Forbidden => new SyncException(
                ErrorCode.Forbidden,
                "The server refuses the connection",
                cause
            ),
            HttpStatusCode.NotFound => new SyncException(
                ErrorCode.NotFound,
                "There is no sync server at that address",
                cause
            ),
            HttpStatusCode.TooManyRequests => new SyncException(
                ErrorCode.RateLimited,
                "The server asks for patience",
                cause
            ),
            _ => cause,
        };
}
