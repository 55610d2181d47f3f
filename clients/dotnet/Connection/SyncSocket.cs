using System.Buffers;
using System.Net;
using System.Net.WebSockets;
using Orchestra.Sync.Errors;
using Orchestra.Sync.Wire;

namespace Orchestra.Client.Connection;

/// <summary>A WebSocket that carries the protocol's messages.</summary>
internal sealed class SyncSocket : IAsyncDisposable
{
    private const string Subprotocol = "orchestra.sync.v1";

    /// <summary>No server sends more in one message; beyond this it is not one of ours.</summary>
    private const int LargestMessageBytes = 64 * 1024 * 1024;

    private readonly ClientWebSocket socket;
    private readonly ArrayBufferWriter<byte> message = new(16 * 1024);

    private SyncSocket(ClientWebSocket socket) => this.socket = socket;

    /// <summary>Why the server closed, once it has.</summary>
    public WebSocketCloseStatus? CloseStatus => socket.CloseStatus;

    /// <exception cref="SyncException"><c>unauthenticated</c>, <c>origin_refused</c> …</exception>
    /// <exception cref="WebSocketException">The server could not be reached.</exception>
    public static async Task<SyncSocket> ConnectAsync(
        Uri server,
        string token,
        CancellationToken cancel
    )
    {
        var socket = new ClientWebSocket();
        socket.Options.AddSubProtocol(Subprotocol);
        socket.Options.SetRequestHeader("Authorization", "Bearer " + token);
        socket.Options.KeepAliveInterval = TimeSpan.FromSeconds(15);
        socket.Options.KeepAliveTimeout = TimeSpan.FromSeconds(15);
        socket.Options.CollectHttpResponseDetails = true;
        try
        {
            await socket.ConnectAsync(Address(server), cancel);
            return new SyncSocket(socket);
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

    /// <exception cref="WebSocketException">The connection was lost.</exception>
    public async Task SendAsync(ClientMessage toSend, CancellationToken cancel)
    {
        try
        {
            await socket.SendAsync(
                WireCodec.Write(toSend),
                WebSocketMessageType.Text,
                WebSocketMessageFlags.EndOfMessage,
                cancel
            );
        }
        catch (Exception e) when (IsLoss(e, cancel))
        {
            throw new WebSocketException(WebSocketError.ConnectionClosedPrematurely, e);
        }
    }

    /// <returns>The next message; null when the server has closed the socket.</returns>
    /// <exception cref="WebSocketException">The connection was lost.</exception>
    public async Task<ServerMessage?> ReceiveAsync(CancellationToken cancel)
    {
        message.ResetWrittenCount();
        while (true)
        {
            var part = await ReceivePartAsync(cancel);
            if (part.MessageType == WebSocketMessageType.Close)
                return null;
            message.Advance(part.Count);
            if (message.WrittenCount > LargestMessageBytes)
                throw new SyncException(
                    ErrorCode.FrameTooLarge,
                    "The server's message is too large"
                );
            if (part.EndOfMessage)
                return WireCodec.ReadServerMessage(message.WrittenSpan);
        }
    }

    /// <summary>Says goodbye; whether the server hears it does not matter.</summary>
    public async Task CloseAsync(CancellationToken cancel)
    {
        try
        {
            if (socket.State is WebSocketState.Open or WebSocketState.CloseReceived)
                await socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, null, cancel);
        }
        catch (Exception e) when (e is WebSocketException || IsLoss(e, cancel))
        {
            // It is gone already.
        }
    }

    public ValueTask DisposeAsync()
    {
        socket.Dispose();
        return ValueTask.CompletedTask;
    }

    private async Task<ValueWebSocketReceiveResult> ReceivePartAsync(CancellationToken cancel)
    {
        try
        {
            return await socket.ReceiveAsync(message.GetMemory(4096), cancel);
        }
        catch (Exception e) when (IsLoss(e, cancel))
        {
            throw new WebSocketException(WebSocketError.ConnectionClosedPrematurely, e);
        }
    }

    /// <summary>A socket that breaks while it is used says that it was cancelled, or disposed.</summary>
    private static bool IsLoss(Exception e, CancellationToken cancel) =>
        e is OperationCanceledException or ObjectDisposedException
        && !cancel.IsCancellationRequested;

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
