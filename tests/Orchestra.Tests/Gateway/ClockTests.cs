using System.Net.WebSockets;
using Microsoft.Extensions.Time.Testing;
using Orchestra.Sync;
using Orchestra.Sync.Errors;
using Orchestra.Sync.Wire;
using Orchestra.TestKit.Silos;
using Orchestra.Tests.Protocol;

namespace Orchestra.Tests.Gateway;

/// <summary>What the gateway does when nothing happens for a while.</summary>
public sealed class ClockTests : IAsyncLifetime
{
    private readonly OwnerId owner = SharedServer.NewOwner();
    private readonly FakeTimeProvider time = new(TimeProvider.System.GetUtcNow());
    private RunningSilo silo = null!;

    public async Task InitializeAsync() => silo = await RunningSilo.StartAsync(time);

    public Task DisposeAsync() => silo.DisposeAsync().AsTask();

    [Fact]
    public async Task A_socket_that_says_no_hello_within_five_seconds_is_closed()
    {
        await using var socket = await RawSocket.OpenAsync(
            silo.Gateway,
            await silo.TokenAsync(owner)
        );
        // Answered means that the gateway listens, and has begun to wait.
        await socket.SendAsync(new PingMessage(1));
        await socket.ExpectErrorAsync(ErrorCode.Malformed);
        time.Advance(TimeSpan.FromSeconds(5));
        await socket.ExpectErrorAsync(ErrorCode.Malformed);
        Assert.Equal(WebSocketCloseStatus.PolicyViolation, await socket.ExpectCloseAsync());
    }

    [Fact]
    public async Task A_device_that_said_hello_may_be_silent()
    {
        await using var device = await RawDevice.ConnectAsync(silo, owner);
        await device.Socket.DrainAsync();
        time.Advance(TimeSpan.FromSeconds(25));
        Assert.Equal(ChangeStatus.Applied, (await device.PushAsync(Edits.Project()))[0].Status);
    }

    [Fact]
    public async Task After_half_a_minute_without_news_the_head_is_told_in_an_empty_frame()
    {
        await using var device = await RawDevice.ConnectAsync(silo, owner);
        var head = (await device.PushAsync(Edits.Project()))[0].Version!.Value;
        await device.ReadUntilAsync(head);
        await device.Socket.DrainAsync();
        time.Advance(TimeSpan.FromSeconds(30));
        var frame = await device.Socket.ExpectAsync<ChangesMessage>();
        Assert.Equal((head, head), (frame.From, frame.To));
        Assert.Empty(frame.Changes);
        Assert.NotNull(frame.Digest);
    }

    [Fact]
    public async Task A_commit_that_nobody_told_the_gateway_of_is_found_within_half_a_minute()
    {
        await using var device = await RawDevice.ConnectAsync(silo, owner);
        var head = device.Welcome.Heads[0].Version;
        await device.ReadUntilAsync(head);
        await device.Socket.DrainAsync();
        await BesideCommit.RenameDeviceAsync(silo, owner, "beside");
        Assert.Empty(await device.Socket.DrainAsync());

        time.Advance(TimeSpan.FromSeconds(30));
        var frame = await device.Socket.ExpectAsync<ChangesMessage>();
        Assert.Equal((head, head + 1), (frame.From, frame.To));
        Assert.Equal("beside", Assert.Single(frame.Changes).Fields["name"].AsText());
    }

    [Fact]
    public async Task A_socket_ends_with_its_token_unless_it_is_renewed()
    {
        var forge = new TokenForge(silo, time.GetUtcNow());
        var shortly = time.GetUtcNow().AddSeconds(60).UtcDateTime;
        await using var renewed = await OpenAsync(forge.Make(owner, t => t.Expires = shortly));
        await using var ending = await OpenAsync(forge.Make(owner, t => t.Expires = shortly));
        await renewed.SendAsync(new TokenMessage(forge.Make(owner)));
        await renewed.DrainAsync();
        await ending.DrainAsync();
        time.Advance(TimeSpan.FromSeconds(60));

        var error = await ending.ExpectErrorAsync(ErrorCode.TokenExpired);
        Assert.True(error.Retryable);
        Assert.Equal(4402, (int?)await ending.ExpectCloseAsync());
        Assert.Empty((await renewed.DrainAsync()).OfType<ErrorMessage>());
    }

    private async Task<RawSocket> OpenAsync(string token)
    {
        var socket = await RawSocket.OpenAsync(silo.Gateway, token);
        await socket.SendAsync(new HelloMessage(1, RawDevice.NewDevice(), []));
        await socket.ExpectAsync<WelcomeMessage>();
        return socket;
    }
}
