using System.Net.Sockets;
using System.Text;
using Orchestra.Sync;
using Orchestra.TestKit.Silos;

namespace Orchestra.Tests.Protocol;

/// <summary>An upgraded connection below the WebSocket protocol, to break that protocol with.</summary>
internal sealed class RawTcp : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private readonly TcpClient client = new();
    private readonly CancellationTokenSource patience = new(Patience);

    private RawTcp() { }

    public static async Task<RawTcp> UpgradeAsync(IServerUnderTest silo, OwnerId owner)
    {
        var tcp = new RawTcp();
        await tcp.client.ConnectAsync(silo.Gateway.Host, silo.Gateway.Port);
        await tcp.SendAsync(
            Encoding.ASCII.GetBytes(
                $"""
                GET /v1/sync HTTP/1.1
                Host: {silo.Gateway.Authority}
                Connection: Upgrade
                Upgrade: websocket
                Sec-WebSocket-Version: 13
                Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==
                Sec-WebSocket-Protocol: {RawSocket.Subprotocol}
                Authorization: Bearer {await silo.TokenAsync(owner)}


                """.ReplaceLineEndings("\r\n")
            )
        );
        var answer = "";
        while (!answer.EndsWith("\r\n\r\n", StringComparison.Ordinal))
            answer += (char)await tcp.ReadByteAsync();
        Assert.StartsWith("HTTP/1.1 101", answer, StringComparison.Ordinal);
        return tcp;
    }

    public async Task SendAsync(ReadOnlyMemory<byte> bytes) =>
        await client.GetStream().WriteAsync(bytes, patience.Token);

    /// <summary>Reads until the server has closed the connection.</summary>
    public async Task<bool> IsEndedAsync()
    {
        try
        {
            while (await ReadByteAsync() >= 0) { }
        }
        catch (IOException e) when (e.InnerException is SocketException)
        {
            // Reset is an end, too.
        }
        return true;
    }

    public void Dispose()
    {
        client.Dispose();
        patience.Dispose();
    }

    private async Task<int> ReadByteAsync()
    {
        var one = new byte[1];
        return await client.GetStream().ReadAsync(one, patience.Token) == 0 ? -1 : one[0];
    }
}
