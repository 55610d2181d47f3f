using System.Text.Json;
using Orchestra.Sync;
using Orchestra.Sync.Wire;
using Orchestra.TestKit.Silos;

namespace Orchestra.Tests.Protocol;

/// <summary>Who of an owner's devices is here, and what each says of itself.</summary>
[Collection(nameof(SharedServer))]
public sealed class PresenceTests(SharedServer shared)
{
    private readonly OwnerId owner = SharedServer.NewOwner();

    [Fact]
    public async Task Devices_see_each_other_come_speak_and_go()
    {
        await using var desk = await RawDevice.ConnectAsync(shared.Server, owner);
        await using (var phone = await RawDevice.ConnectAsync(shared.Server, owner))
        {
            await ExpectPresentAsync(desk, phone);
            await phone.Socket.SendAsync(new PresenceMessage(State("""{"file":"a.cs"}""")));
            var told = await desk.Socket.ExpectAsync<PresentMessage>(message =>
                message.Devices.Any(device => device.State is not null)
            );
            var said = told.Devices.Single(device => device.Id == phone.Device.Id);
            Assert.Equal("""{"file":"a.cs"}""", said.State!.Value.GetRawText());
        }
        await desk.Socket.ExpectAsync<PresentMessage>(message => message.Devices.Count == 1);
    }

    [Fact]
    public async Task P14_Another_owner_s_devices_are_not_seen()
    {
        await using var stranger = await RawDevice.ConnectAsync(
            shared.Server,
            SharedServer.NewOwner()
        );
        await using var desk = await RawDevice.ConnectAsync(shared.Server, owner);
        await using var phone = await RawDevice.ConnectAsync(shared.Server, owner);
        await ExpectPresentAsync(desk, phone);

        Assert.All(
            (await stranger.Socket.DrainAsync()).OfType<PresentMessage>(),
            message => Assert.Equal(stranger.Device.Id, Assert.Single(message.Devices).Id)
        );
    }

    [Fact]
    public async Task A_state_has_a_limit()
    {
        await using var device = await RawDevice.ConnectAsync(shared.Server, owner);
        var full = $"\"{new string('x', Limits.PresenceBytes - 2)}\"";
        await device.Socket.SendAsync(new PresenceMessage(State(full)));
        await device.Socket.ExpectAsync<PresentMessage>(message =>
            message.Devices[0].State?.GetRawText() == full
        );
        await device.Socket.SendAsync(new PresenceMessage(State(full.Insert(1, "x"))));
        await device.Socket.ExpectErrorAsync(ErrorCode.ValueTooLarge);
    }

    [Fact]
    public async Task A_state_nests_as_deep_as_it_can_be_passed_on()
    {
        await using var desk = await RawDevice.ConnectAsync(shared.Server, owner);
        await using var phone = await RawDevice.ConnectAsync(shared.Server, owner);
        foreach (var depth in new[] { 31, 30 })
        {
            await phone.Socket.SendAsync(new PresenceMessage(State(Nested(depth))));
            await phone.Socket.ExpectErrorAsync(ErrorCode.TooDeep);
        }
        await phone.Socket.SendAsync(new PresenceMessage(State(Nested(29))));
        await desk.Socket.ExpectAsync<PresentMessage>(message =>
            message.Devices.Any(device => device.State?.GetRawText() == Nested(29))
        );

        static string Nested(int depth) => new string('[', depth) + new string(']', depth);
    }

    private static JsonElement State(string json) => JsonElement.Parse(json);

    private static Task<PresentMessage> ExpectPresentAsync(RawDevice asked, RawDevice present) =>
        asked.Socket.ExpectAsync<PresentMessage>(message =>
            message.Devices.Any(device => device.Id == present.Device.Id)
        );
}
