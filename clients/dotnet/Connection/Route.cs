using System.Net.WebSockets;
using Orchestra.Sync.Errors;

namespace Orchestra.Client.Connection;

/// <summary>
/// How to get to the server: by WebSocket, and by plain requests where somebody on the way refuses
/// WebSockets, or keeps losing them while requests get through.
/// </summary>
internal sealed class Route(ISyncTransport direct, ISyncTransport? detour)
{
    /// <summary>Attempts that may fail without an answer before the detour is tried.</summary>
    private const int Patience = 2;

    private int failures;

    public async Task<IMessageChannel> ConnectAsync(
        Uri server,
        string token,
        CancellationToken cancel
    )
    {
        try
        {
            var channel = await direct.ConnectAsync(server, token, cancel);
            failures = 0;
            return channel;
        }
        catch (Exception e) when (detour is not null && MayBeBlocked(e))
        {
            return await detour.ConnectAsync(server, token, cancel);
        }
    }

    private bool MayBeBlocked(Exception e) =>
        e switch
        {
            SyncException refused => refused.Code is ErrorCode.Forbidden or ErrorCode.NotFound,
            WebSocketException { WebSocketErrorCode: WebSocketError.NotAWebSocket } => true,
            WebSocketException => ++failures > Patience,
            _ => false,
        };
}
