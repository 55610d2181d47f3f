using System.Net;
using System.Net.Sockets;
using System.Text;
using Orchestra.Sync;
using Orchestra.Sync.Errors;
using Orchestra.Sync.Wire;
using Orchestra.TestKit.Silos;
using Orchestra.Tests.Protocol;

namespace Orchestra.Tests.Gateway;

/// <summary>Clients that keep to HTTP and WebSockets as little as they can get away with.</summary>
public sealed class RudeClientTests
{
    private const string Push = "POST /v1/push HTTP/1.1\nContent-Type: application/json";
    private const int RequestsOfAnOwner = 64;

    private readonly OwnerId owner = SharedServer.NewOwner();

    [Theory]
    [InlineData("FFFFFFFFFFFFFFFF")]
    [InlineData("-1")]
    [InlineData("zz")]
    public async Task A_body_whose_chunks_are_none_is_malformed(string size)
    {
        await using var silo = await RunningSilo.StartAsync();
        using var client = await RawTcp.OpenAsync(silo.Gateway);
        await SendHeadAsync(silo, client, $"{Push}\nTransfer-Encoding: chunked");
        await client.SendAsync(Encoding.ASCII.GetBytes($"{size}\r\n{{}}\r\n"));
        Assert.StartsWith("HTTP/1.1 400", await client.ReadHeadAsync(), StringComparison.Ordinal);
        Assert.Empty(silo.Complaints);
    }

    [Fact]
    public async Task A_body_that_breaks_off_is_nobody_s_fault_and_not_logged()
    {
        await using var silo = await RunningSilo.StartAsync();
        for (var i = 0; i < 30; i++)
        {
            using var client = await BeginBodyAsync(silo, owner);
            // Let the server begin to read.
            await Task.Delay(30);
            if (i % 3 == 0)
                client.Reset();
            else if (i % 3 == 1)
                client.EndSending();
        }
        Assert.Equal(HttpStatusCode.OK, await AskUntilServedAsync(silo, owner));
        await silo.StopAsync();
        Assert.Empty(silo.Complaints);
    }

    [Fact]
    public async Task An_owner_s_slow_bodies_take_no_place_from_others()
    {
        await using var silo = await RunningSilo.StartAsync();
        var slow = new List<RawTcp>();
        for (var i = 0; i < RequestsOfAnOwner; i++)
            slow.Add(await BeginBodyAsync(silo, owner));
        var door = await HttpDoor.OpenAsync(silo, owner);
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        var verify = WireCodec.Write(new VerifyMessage(owner, []));
        var answer = await door.SendAsync(HttpMethod.Post, "/v1/verify", verify);
        // Slower than what an owner may ask in a second: that would be refused for another reason.
        while (answer.Status == HttpStatusCode.OK && !patience.IsCancellationRequested)
        {
            await Task.Delay(30);
            answer = await door.SendAsync(HttpMethod.Post, "/v1/verify", verify);
        }
        Assert.Equal(
            (HttpStatusCode.ServiceUnavailable, ErrorCode.Overloaded.Name()),
            (answer.Status, answer.Error.Code)
        );
        // The device that does it can still be revoked.
        var stolen = await RawDevice.ConnectAsync(silo, owner);
        var revoked = await door.DeleteAsync($"/v1/devices/{stolen.Device.Id}");
        Assert.Equal(HttpStatusCode.NoContent, revoked.Status);
        await stolen.DisposeAsync();
        var other = await HttpDoor.OpenAsync(silo, SharedServer.NewOwner());
        Assert.Equal(HttpStatusCode.OK, (await other.GetAsync("/v1/devices")).Status);

        slow.ForEach(client => client.Reset());
        Assert.Equal(HttpStatusCode.OK, await AskUntilServedAsync(silo, owner));
    }

    [Fact]
    public async Task Before_hello_a_message_is_short()
    {
        await using var silo = await RunningSilo.StartAsync();
        await using var socket = await RawSocket.OpenAsync(silo.Gateway);
        await socket.SendAsync(new string(' ', 70_000));
        await socket.ExpectErrorAsync(ErrorCode.FrameTooLarge);
        Assert.Equal(1009, (int?)await socket.ExpectCloseAsync());
    }

    [Fact]
    public async Task Connections_that_are_no_WebSockets_have_a_limit_of_their_own()
    {
        const int Most = 10;
        await using var silo = await RunningSilo.StartAsync(
            null,
            ("Orchestra:Gateway:MaxHttpConnections", $"{Most}")
        );
        var devices = new List<RawDevice>();
        for (var i = 0; i < 2 * Most; i++)
            devices.Add(await RawDevice.ConnectAsync(silo, owner));
        var idle = new List<RawTcp>();
        // Others are those that asked for the tokens.
        while (await TryEnterAsync(silo) is { } client)
            idle.Add(client);
        // All come from one address, which gets half.
        Assert.InRange(idle.Count, 1, Most / 2);
        foreach (var device in devices)
        {
            await device.Socket.SendAsync(new PingMessage(1));
            await device.Socket.ExpectAsync<PongMessage>();
        }

        idle[0].Reset();
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        while (true)
        {
            using var next = await TryEnterAsync(silo);
            if (next is not null)
                break;
            await Task.Delay(50, patience.Token);
        }
        idle.ForEach(client => client.Dispose());
        foreach (var device in devices)
            await device.DisposeAsync();
    }

    /// <returns>A connection that is served; null if it was refused, at whatever moment.</returns>
    private static async Task<RawTcp?> TryEnterAsync(RunningSilo silo)
    {
        RawTcp? client = null;
        try
        {
            client = await RawTcp.OpenAsync(silo.Gateway);
            await client.SendHeadAsync(silo.Gateway, "GET /v1/devices HTTP/1.1");
            if ((await client.ReadHeadAsync()).StartsWith("HTTP/1.1 401"))
                return client;
        }
        catch (Exception e) when (e is IOException or SocketException)
        {
            // Refused.
        }
        client?.Dispose();
        return null;
    }

    private static async Task<RawTcp> BeginBodyAsync(RunningSilo silo, OwnerId owner)
    {
        var client = await RawTcp.OpenAsync(silo.Gateway);
        await client.SendHeadAsync(
            silo.Gateway,
            $"{Push}\nContent-Length: 1000",
            await silo.TokenAsync(owner)
        );
        await client.SendAsync("{"u8.ToArray());
        return client;
    }

    private async Task SendHeadAsync(RunningSilo silo, RawTcp client, string request) =>
        await client.SendHeadAsync(silo.Gateway, request, await silo.TokenAsync(owner));

    private static async Task<HttpStatusCode> AskUntilServedAsync(RunningSilo silo, OwnerId owner)
    {
        var door = await HttpDoor.OpenAsync(silo, owner);
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        while (true)
        {
            var answer = await door.GetAsync("/v1/devices");
            if (answer.Status == HttpStatusCode.OK || patience.IsCancellationRequested)
                return answer.Status;
            await Task.Delay(50);
        }
    }
}
