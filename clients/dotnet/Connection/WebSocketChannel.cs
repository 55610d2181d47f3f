using System.Buffers;
using System.Net.WebSockets;
using Orchestra.Sync.Errors;
using Orchestra.Sync.Wire;

namespace Orchestra.Client.Connection;

/// <summary>A WebSocket that carries the protocol's messages.</summary>
internal sealed class WebSocketChannel(ClientWebSocket socket) : IMessageChannel
{
    /// <summary>No server sends more in one message; beyond this it is not one of ours.</summary>
    private const int LargestMessageBytes = 64 * 1024 * 1024;

    private readonly ArrayBufferWriter<byte> message = new(16 * 1024);

    public bool IsRefused => ConnectionError.IsRefusal(socket.CloseStatus);

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
}
