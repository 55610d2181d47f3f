using Orchestra.Sync.Errors;
using Orchestra.Sync.Wire;

namespace Orchestra.Client.Connection;

/// <summary>How a device reaches its server: a WebSocket, or whatever else carries messages.</summary>
internal interface ISyncTransport
{
    /// <exception cref="SyncException">
    /// The server refused: <c>unauthenticated</c>, <c>forbidden</c> …
    /// </exception>
    /// <exception cref="IOException">
    /// The server could not be reached; so says a <c>WebSocketException</c> too.
    /// </exception>
    Task<IMessageChannel> ConnectAsync(Uri server, string token, CancellationToken cancel);
}

/// <summary>
/// One connection: whole messages, in order. One caller sends and one receives, at the same time.
/// Losing it is an <see cref="IOException"/> or a <c>WebSocketException</c>.
/// </summary>
internal interface IMessageChannel : IAsyncDisposable
{
    /// <summary>Whether the server closed because a message was more than it takes.</summary>
    bool IsRefused { get; }

    Task SendAsync(ClientMessage message, CancellationToken cancel);

    /// <returns>The next message; null when the server has closed.</returns>
    Task<ServerMessage?> ReceiveAsync(CancellationToken cancel);

    /// <summary>Says goodbye; whether the server hears it does not matter.</summary>
    Task CloseAsync(CancellationToken cancel);
}
