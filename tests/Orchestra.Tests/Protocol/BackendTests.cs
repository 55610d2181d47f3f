using System.Net;
using Orchestra.Sync;
using Orchestra.Sync.Wire;
using Orchestra.TestKit.Silos;

namespace Orchestra.Tests.Protocol;

/// <summary>A backend that is trusted writes for owners whose tokens it does not have.</summary>
[Collection(nameof(SharedServer))]
public sealed class BackendTests(SharedServer shared)
{
    private const string Scope = "orchestra.write";

    private readonly OwnerId owner = SharedServer.NewOwner();
    private readonly WireDevice backend = RawDevice.NewDevice(DeviceKind.Server);

    [Fact]
    public async Task What_it_writes_reaches_the_owner_s_devices_and_is_written_once()
    {
        await using var desk = await RawDevice.ConnectAsync(shared.Server, owner);
        var door = Door(token => token.Claims["scope"] = $"profile {Scope}");
        var welcome = await SayHelloAsync(door, backend);
        var push = Push(welcome.Heads[0].Epoch);

        for (var times = 0; times < 2; times++)
        {
            var answer = await SendAsync(door, $"/v1/owners/{owner}/changes", push);
            var pushed = Assert.IsType<PushedMessage>(answer.Message);
            Assert.Equal(
                times == 0 ? ChangeStatus.Applied : ChangeStatus.Duplicate,
                Assert.Single(pushed.Results).Status
            );
        }
        var frames = await desk.ReadUntilAsync(desk.Welcome.Heads[0].Version + 1);
        var row = push.Changes[0].Id;
        while (!frames.Any(frame => frame.Changes.Any(entry => entry.Id.ToString() == row)))
            frames = await desk.ReadUntilAsync(frames[^1].To + 1);
    }

    [Fact]
    public async Task P14_Nobody_else_may()
    {
        var path = $"/v1/owners/{owner}/changes";
        foreach (var scope in new[] { null, "orchestra.write.all", "orchestra.operator", "" })
        {
            var door = Door(token =>
            {
                if (scope is not null)
                    token.Claims["scope"] = scope;
            });
            var refused = await SendAsync(door, path, Push(0));
            Assert.Equal(HttpStatusCode.Forbidden, refused.Status);
            Assert.Equal("forbidden", refused.Error.Code);
        }
        var nobody = await SendAsync(new HttpDoor(shared.Server.Http, null), path, Push(0));
        Assert.Equal("unauthenticated", nobody.Error.Code);
    }

    [Theory]
    [InlineData("not-an-owner", "not_found")]
    [InlineData("00000000-0000-0000-0000-000000000000", "not_found")]
    [InlineData("5eed0000-0000-4000-8000-000000000099", "forbidden")]
    public async Task The_address_says_for_whom_and_the_push_agrees(string id, string code)
    {
        var door = Door(token => token.Claims["scope"] = Scope);
        var answer = await SendAsync(door, $"/v1/owners/{id}/changes", Push(0));
        Assert.Equal(code, answer.Error.Code);
    }

    [Fact]
    public async Task It_is_a_device_of_the_kind_server()
    {
        var door = Door(token => token.Claims["scp"] = Scope);
        foreach (var device in new[] { RawDevice.NewDevice(), null })
        {
            var answer = await SendAsync(
                door,
                $"/v1/owners/{owner}/changes",
                Push(0) with
                {
                    Device = device,
                }
            );
            Assert.Equal(device is null ? "malformed" : "invalid_value", answer.Error.Code);
        }
    }

    private HttpDoor Door(Action<Microsoft.IdentityModel.Tokens.SecurityTokenDescriptor> spoil) =>
        new(
            shared.Server.Http,
            new TokenForge(shared.Server, TimeProvider.System.GetUtcNow()).Make("a backend", spoil)
        );

    private async Task<WelcomeMessage> SayHelloAsync(HttpDoor door, WireDevice device)
    {
        var hello = new HelloMessage(1, device, []);
        var answer = await SendAsync(door, $"/v1/owners/{owner}/hello", hello);
        return Assert.IsType<WelcomeMessage>(answer.Message);
    }

    private PushMessage Push(long epoch) =>
        new(owner, epoch, 0, [Edits.Project() with { Seq = 1 }], Device: backend);

    private static Task<HttpAnswer> SendAsync(HttpDoor door, string path, ClientMessage message) =>
        door.SendAsync(HttpMethod.Post, path, WireCodec.Write(message));
}
