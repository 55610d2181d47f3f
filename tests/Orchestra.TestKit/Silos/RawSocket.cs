using System.Net.WebSockets;
using System.Text;
using Orchestra.Sync.Errors;
using Orchestra.Sync.Wire;

namespace Orchestra.TestKit.Silos;

/// <summary>
/// A WebSocket to a gateway that says whatever a test wants said. Messages that nobody has asked for
/// yet wait in their order, so that a test sees an answer whatever else is sent in between.
/// </summary>
public sealed class RawSocket : IAsyncDisposable
{
    public const string Subprotocol = "orchestra.sync.v1";

    /// <summary>Only ever waited for in full by a test that fails.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private readonly ClientWebSocket socket;
    private readonly List<ReceivedFrame> waiting = [];
    private long lastMark;

    private RawSocket(ClientWebSocket socket) => this.socket = socket;

    /// <param name="gateway">Where, as an HTTP address.</param>
    /// <param name="token">For the header; null = none.</param>
    public static async Task<RawSocket> OpenAsync(Uri gateway, string? token = null)
    {
        var socket = new ClientWebSocket();
        socket.Options.AddSubProtocol(Subprotocol);
        if (token is not null)
            socket.Options.SetRequestHeader("Authorization", $"Bearer {token}");
        using var patience = new CancellationTokenSource(Patience);
        var address = new UriBuilder(gateway) { Scheme = "ws", Path = "/v1/sync" };
        await socket.ConnectAsync(address.Uri, patience.Token);
        return new RawSocket(socket);
    }

    public Task SendAsync(ClientMessage message) =>
        SendAsync(WireCodec.Write(message), WebSocketMessageType.Text);

    public Task SendAsync(string text) =>
        SendAsync(Encoding.UTF8.GetBytes(text), WebSocketMessageType.Text);

    /// <param name="bytes">What to send.</param>
    /// <param name="type">As text or as binary.</param>
    /// <param name="isEnd">Whether the message ends with it.</param>
    public async Task SendAsync(
        ReadOnlyMemory<byte> bytes,
        WebSocketMessageType type,
        bool isEnd = true
    )
    {
        using var patience = new CancellationTokenSource(Patience);
        await socket.SendAsync(bytes, type, isEnd, patience.Token);
    }

    /// <summary>The first message of a type, of those that wait or of those to come.</summary>
    /// <param name="match">Which; null = any.</param>
    /// <param name="within">How long to wait, after which the socket is of no use any more.</param>
    public async Task<T> ExpectAsync<T>(Func<T, bool>? match = null, TimeSpan? within = null)
        where T : ServerMessage => (T)(await ExpectFrameAsync(match, within)).Message;

    /// <inheritdoc cref="ExpectAsync"/>
    public async Task<ReceivedFrame> ExpectFrameAsync<T>(
        Func<T, bool>? match = null,
        TimeSpan? within = null
    )
        where T : ServerMessage
    {
        using var patience = new CancellationTokenSource(within ?? Patience);
        for (var next = 0; ; next++)
        {
            if (next == waiting.Count)
                waiting.Add(await ReceiveAsync(patience.Token) ?? throw Missing<T>());
            var frame = waiting[next];
            if (frame.Message is not T message || match?.Invoke(message) == false)
                continue;
            waiting.RemoveAt(next);
            return frame;
        }
    }

    public async Task<ErrorMessage> ExpectErrorAsync(ErrorCode code)
    {
        var error = await ExpectAsync<ErrorMessage>();
        return error.Code == code.Name()
            ? error
            : throw new InvalidOperationException($"Not {code.Name()}, but {error}");
    }

    /// <summary>Everything that was sent before the answer to a ping, of what was not asked for.</summary>
    public async Task<IReadOnlyList<ServerMessage>> DrainAsync() =>
        [.. (await DrainFramesAsync()).Select(frame => frame.Message)];

    /// <inheritdoc cref="DrainAsync"/>
    public async Task<IReadOnlyList<ReceivedFrame>> DrainFramesAsync()
    {
        var mark = --lastMark;
        await SendAsync(new PingMessage(mark));
        await ExpectAsync<PongMessage>(pong => pong.Ref == mark);
        ReceivedFrame[] sent = [.. waiting];
        waiting.Clear();
        return sent;
    }

    /// <summary>Reads to the end; how the server closed.</summary>
    public async Task<WebSocketCloseStatus?> ExpectCloseAsync()
    {
        using var patience = new CancellationTokenSource(Patience);
        while (await ReceiveAsync(patience.Token) is { } frame)
            waiting.Add(frame);
        return socket.CloseStatus;
    }

    /// <summary>Reads to the end, however abrupt; how the server closed, if it did.</summary>
    public async Task<WebSocketCloseStatus?> ExpectEndAsync()
    {
        try
        {
            return await ExpectCloseAsync();
        }
        catch (WebSocketException)
        {
            return null;
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (socket.State is WebSocketState.Open or WebSocketState.CloseReceived)
            await LeaveAsync();
        socket.Dispose();
    }

    private async Task LeaveAsync()
    {
        using var patience = new CancellationTokenSource(Patience);
        try
        {
            await socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, null, patience.Token);
        }
        catch (WebSocketException)
        {
            // The server went first.
        }
    }

    private async Task<ReceivedFrame?> ReceiveAsync(CancellationToken impatience)
    {
        using var bytes = new MemoryStream();
        var buffer = new byte[64 * 1024];
        while (true)
        {
            var part = await socket.ReceiveAsync(buffer.AsMemory(), impatience);
            if (part.MessageType == WebSocketMessageType.Close)
                return null;
            bytes.Write(buffer, 0, part.Count);
            if (!part.EndOfMessage)
                continue;
            var message = WireCodec.ReadServerMessage(bytes.ToArray());
            if (message is ErrorMessage error)
                Canary.RequireNone("An error", [error.Message, error.Field]);
            return new ReceivedFrame(message, bytes.ToArray());
        }
    }

    private InvalidOperationException Missing<T>() =>
        new(
            $"The server closed ({socket.CloseStatus} {socket.CloseStatusDescription}) instead of "
                + $"sending {typeof(T).Name}; before that: "
                + string.Join(", ", waiting.Select(frame => frame.Message))
        );
}

/// <param name="Message">What it says.</param>
/// <param name="Utf8">What was sent.</param>
public sealed record ReceivedFrame(ServerMessage Message, byte[] Utf8);
