using System.Net.Sockets;
using System.Text;
using Orchestra.Sync;
using Orchestra.TestKit.Silos;

namespace Orchestra.Tests.Protocol;

/// <summary>A connection below HTTP and WebSockets, to break those with.</summary>
internal sealed class RawTcp : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private readonly TcpClient client = new();
    private readonly CancellationTokenSource patience = new(Patience);

    private RawTcp() { }

    public static async Task<RawTcp> OpenAsync(Uri address)
    {
        var tcp = new RawTcp();
        await tcp.client.ConnectAsync(address.Host, address.Port);
        return tcp;
    }

    /// <summary>Sends the beginning of a request, up to the empty line.</summary>
    public Task SendHeadAsync(Uri address, string request, string? token = null) =>
        SendAsync(
            Encoding.ASCII.GetBytes(
                $"""
                {request.Trim()}
                Host: {address.Authority}
                {(token is null ? "X-Nobody: 1" : $"Authorization: Bearer {token}")}


                """.ReplaceLineEndings("\r\n")
            )
        );

    public static async Task<RawTcp> UpgradeAsync(IServerUnderTest silo, OwnerId owner)
    {
        var tcp = await OpenAsync(silo.Gateway);
        await tcp.SendHeadAsync(
            silo.Gateway,
            $"""
            GET /v1/sync HTTP/1.1
            Connection: Upgrade
            Upgrade: websocket
            Sec-WebSocket-Version: 13
            Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==
            Sec-WebSocket-Protocol: {RawSocket.Subprotocol}
            """,
            await silo.TokenAsync(owner)
        );
        Assert.StartsWith("HTTP/1.1 101", await tcp.ReadHeadAsync(), StringComparison.Ordinal);
        return tcp;
    }

    /// <summary>An answer up to the empty line.</summary>
    public async Task<string> ReadHeadAsync()
    {
        var answer = "";
        while (!answer.EndsWith("\r\n\r\n", StringComparison.Ordinal))
            answer += await ReadByteAsync() is var one and >= 0
                ? (char)one
                : throw new EndOfStreamException(answer);
        return answer;
    }

    /// <summary>Says that nothing more comes, and still reads.</summary>
    public void EndSending() => client.Client.Shutdown(SocketShutdown.Send);

    /// <summary>Gives up without a farewell: the server gets a reset.</summary>
    public void Reset()
    {
        client.LingerState = new LingerOption(true, 0);
        client.Close();
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
