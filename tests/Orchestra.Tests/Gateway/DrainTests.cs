using System.Net;
using Orchestra.Sync;
using Orchestra.Sync.Wire;
using Orchestra.TestKit.Silos;
using Orchestra.Tests.Protocol;

namespace Orchestra.Tests.Gateway;

/// <summary>P17: a silo that stops says so, and when to come back.</summary>
public sealed class DrainTests
{
    [Fact]
    public async Task P17_Every_socket_is_told_when_to_come_back_and_closed()
    {
        await using var silo = await RunningSilo.StartAsync();
        var owner = SharedServer.NewOwner();
        var devices = new List<RawDevice>();
        for (var n = 0; n < 5; n++)
            devices.Add(await RawDevice.ConnectAsync(silo, owner));
        await using var silent = await RawSocket.OpenAsync(silo.Gateway);
        var stopped = silo.StopAsync();

        RawSocket[] sockets = [.. devices.Select(device => device.Socket), silent];
        foreach (var socket in sockets)
        {
            var drain = await socket.ExpectAsync<DrainMessage>();
            Assert.InRange(drain.ReconnectAfterMs, 200, 5_000);
            Assert.Equal(1012, (int?)await socket.ExpectCloseAsync());
            await socket.DisposeAsync();
        }
        await stopped;
        Assert.Empty(silo.Complaints);
    }

    [Fact]
    public async Task P17_What_was_asked_before_is_answered_before_the_socket_closes()
    {
        await using var silo = await RunningSilo.StartAsync();
        await using var device = await RawDevice.ConnectAsync(silo, SharedServer.NewOwner());
        for (var n = 0; n < 20; n++)
            await device.SendAsync(Edits.Project($"{n}"));
        // In order: once this is answered, all of the pushes have been read.
        await device.Socket.SendAsync(new PingMessage(1));
        await device.Socket.ExpectAsync<PongMessage>();
        var stopped = silo.StopAsync();
        await device.Socket.ExpectAsync<DrainMessage>();
        using var admin = new HttpClient { BaseAddress = silo.Admin };
        using var ready = await admin.GetAsync("/health/ready");
        Assert.Equal(HttpStatusCode.ServiceUnavailable, ready.StatusCode);
        Assert.Equal("Unhealthy\ndraining", await ready.Content.ReadAsStringAsync());
        using var live = await admin.GetAsync("/health/live");
        Assert.Equal(HttpStatusCode.OK, live.StatusCode);
        for (var n = 0; n < 20; n++)
        {
            var pushed = await device.Socket.ExpectAsync<PushedMessage>();
            Assert.Equal(ChangeStatus.Applied, pushed.Results[0].Status);
        }
        Assert.Equal(1012, (int?)await device.Socket.ExpectCloseAsync());
        await device.DisposeAsync();
        await stopped;
    }
}
