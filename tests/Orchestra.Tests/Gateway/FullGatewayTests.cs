using System.Net;
using System.Net.WebSockets;
using Orchestra.Sync;
using Orchestra.Sync.Errors;
using Orchestra.Sync.Wire;
using Orchestra.TestKit.Silos;
using Orchestra.Tests.Protocol;

namespace Orchestra.Tests.Gateway;

/// <summary>A gateway takes as many sockets as it is told to, and one more when another has left.</summary>
public sealed class FullGatewayTests
{
    private readonly OwnerId owner = SharedServer.NewOwner();

    [Theory]
    [InlineData("MaxConnections")]
    [InlineData("MaxConnectionsPerAddress")]
    public async Task One_more_is_told_to_come_back(string limit)
    {
        await using var silo = await StartAsync(limit);
        await using var first = await RawDevice.ConnectAsync(silo, owner);
        var second = await RawDevice.ConnectAsync(silo, owner);
        await IsFullAsync(silo, await silo.TokenAsync(owner));
        await second.DisposeAsync();
        await HasRoomAsync(silo);
    }

    [Fact]
    public async Task And_one_more_that_has_not_said_hello()
    {
        await using var silo = await StartAsync("MaxStrangers");
        await using var first = await RawSocket.OpenAsync(silo.Gateway);
        await using var second = await RawSocket.OpenAsync(silo.Gateway);
        await IsFullAsync(silo, null);
        // Whoever shows his token at the door is no stranger.
        await using var known = await RawDevice.ConnectAsync(silo, owner);
        await first.SendAsync(await HelloAsync(silo));
        await first.ExpectAsync<WelcomeMessage>();
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        while (await Upgrade.StatusAsync(silo) != HttpStatusCode.SwitchingProtocols)
            await Task.Delay(50, patience.Token);
    }

    [Fact]
    public async Task And_one_more_of_a_user_while_others_are_let_in()
    {
        await using var silo = await StartAsync("MaxConnectionsPerUser");
        await using var first = await RawDevice.ConnectAsync(silo, owner);
        var second = await RawDevice.ConnectAsync(silo, owner);
        var hello = await HelloAsync(silo);

        await IsFullAsync(silo, await silo.TokenAsync(owner));
        await using (var third = await OpenAsync(silo, hello))
        {
            var refused = await third.ExpectErrorAsync(ErrorCode.Overloaded);
            Assert.NotNull(refused.RetryAfterMs);
            Assert.Equal(1008, (int?)await third.ExpectCloseAsync());
        }
        await using var other = await RawDevice.ConnectAsync(silo, SharedServer.NewOwner());

        await second.DisposeAsync();
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        while (true)
        {
            await using var again = await OpenAsync(silo, hello);
            if (await again.ExpectAsync<ServerMessage>() is WelcomeMessage)
                return;
            await Task.Delay(50, patience.Token);
        }
    }

    private static Task<RunningSilo> StartAsync(string limit) =>
        RunningSilo.StartAsync(null, ($"Orchestra:Gateway:{limit}", "2"));

    private async Task<HelloMessage> HelloAsync(RunningSilo silo) =>
        new(1, RawDevice.NewDevice(), [], await silo.TokenAsync(owner));

    private static async Task<RawSocket> OpenAsync(RunningSilo silo, HelloMessage hello)
    {
        var socket = await RawSocket.OpenAsync(silo.Gateway);
        await socket.SendAsync(hello);
        return socket;
    }

    private static async Task IsFullAsync(RunningSilo silo, string? token)
    {
        var refused = await Upgrade.RefusedAsync(silo, token);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, refused.Status);
        Assert.Equal(ErrorCode.Overloaded.Name(), refused.Error.Code);
        Assert.NotNull(refused.Error.RetryAfterMs);
    }

    private async Task HasRoomAsync(RunningSilo silo)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        while (true)
        {
            try
            {
                await using var next = await RawDevice.ConnectAsync(silo, owner);
                return;
            }
            catch (WebSocketException)
            {
                await Task.Delay(50, patience.Token);
            }
        }
    }
}
