using System.Net.WebSockets;

namespace Orchestra.Gateway.Sockets;

/// <summary>
/// Reads whole messages. While a socket is silent it holds no buffer: it waits with an empty one
/// and rents when there is something to read.
/// </summary>
internal sealed class MessageReader(WebSocket socket, CancellationToken ended)
{
    /// <param name="most">Longer messages are not read to their end, bytes.</param>
    public async ValueTask<ReceivedMessage> ReadAsync(int most)
    {
        var message = new ReceivedMessage();
        try
        {
            var part = await socket.ReceiveAsync(Memory<byte>.Empty, ended);
            while (part.MessageType != WebSocketMessageType.Close && !part.EndOfMessage)
            {
                part = await socket.ReceiveAsync(message.Free(), ended);
                message.Advance(part.Count);
                if (message.Length > most)
                    return message.End(Reading.TooLarge);
            }
            return message.End(part.MessageType);
        }
        catch (Exception e) when (MessageWriter.IsGone(e))
        {
            return message.End(Reading.Closed);
        }
    }

    /// <summary>Reads and forgets, so that the peer gets to read what it was sent last.</summary>
    public async Task DiscardAsync()
    {
        using var message = new ReceivedMessage();
        var scrap = message.Free();
        try
        {
            while (true)
            {
                var part = await socket.ReceiveAsync(scrap, ended);
                if (part.MessageType == WebSocketMessageType.Close)
                    return;
            }
        }
        catch (Exception e) when (MessageWriter.IsGone(e))
        {
            // The peer left without a farewell, or took too long over it.
        }
    }
}
