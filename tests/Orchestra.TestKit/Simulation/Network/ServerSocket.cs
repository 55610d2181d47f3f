using System.Net.WebSockets;

namespace Orchestra.TestKit.Simulation.Network;

/// <summary>A link as the gateway sees it: a WebSocket.</summary>
internal sealed class ServerSocket(Link link, Action<string> note) : WebSocket
{
    private int taken;
    private WebSocketState state = WebSocketState.Open;

    public override WebSocketCloseStatus? CloseStatus => null;

    public override string? CloseStatusDescription => null;

    public override WebSocketState State => state;

    public override string? SubProtocol => null;

    public override async ValueTask<ValueWebSocketReceiveResult> ReceiveAsync(
        Memory<byte> buffer,
        CancellationToken cancellationToken
    )
    {
        var parcel = await Loss(link.ToServer.PeekAsync(cancellationToken));
        if (parcel.Bytes is not { } bytes)
        {
            link.ToServer.Take();
            state = WebSocketState.CloseReceived;
            return new(0, WebSocketMessageType.Close, true);
        }
        var count = Math.Min(buffer.Length, bytes.Length - taken);
        bytes.AsSpan(taken, count).CopyTo(buffer.Span);
        taken += count;
        var isEnd = taken == bytes.Length;
        if (isEnd)
        {
            taken = 0;
            link.ToServer.Take();
        }
        return new(count, WebSocketMessageType.Text, isEnd);
    }

    public override ValueTask SendAsync(
        ReadOnlyMemory<byte> buffer,
        WebSocketMessageType messageType,
        bool endOfMessage,
        CancellationToken cancellationToken
    )
    {
        var bytes = buffer.ToArray();
        var text = System.Text.Encoding.UTF8.GetString(bytes);
        note(text);
        var isFrame =
            text.StartsWith("{\"t\":\"changes\"", StringComparison.Ordinal)
            && !text.Contains("\"ref\":", StringComparison.Ordinal);
        link.SendToClient(bytes, isFrame);
        return ValueTask.CompletedTask;
    }

    public override Task CloseOutputAsync(
        WebSocketCloseStatus closeStatus,
        string? statusDescription,
        CancellationToken cancellationToken
    )
    {
        state = WebSocketState.CloseSent;
        link.ToClient.Send(new Parcel(null, (int)closeStatus), TimeSpan.FromMilliseconds(15));
        return Task.CompletedTask;
    }

    public override void Abort() => link.Break();

    public override Task CloseAsync(
        WebSocketCloseStatus closeStatus,
        string? statusDescription,
        CancellationToken cancellationToken
    ) => CloseOutputAsync(closeStatus, statusDescription, cancellationToken);

    public override Task<WebSocketReceiveResult> ReceiveAsync(
        ArraySegment<byte> buffer,
        CancellationToken cancellationToken
    ) => throw new NotSupportedException();

    public override Task SendAsync(
        ArraySegment<byte> buffer,
        WebSocketMessageType messageType,
        bool endOfMessage,
        CancellationToken cancellationToken
    ) => throw new NotSupportedException();

    public override void Dispose() => link.EndByServer();

    private static async Task<Parcel> Loss(Task<Parcel> reading)
    {
        try
        {
            return await reading;
        }
        catch (IOException e)
        {
            throw new WebSocketException(WebSocketError.ConnectionClosedPrematurely, e);
        }
    }
}
