using System.Text.Json;
using Orchestra.Sync;
using Orchestra.Sync.Wire;
using Orchestra.TestKit.Silos;

namespace Orchestra.Tests.Cluster.Redis;

/// <summary>Who of an owner's devices is connected to which of two gateways.</summary>
public class SharedPresenceTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(120);

    private readonly OwnerId owner = new(Guid.NewGuid());

    [Fact]
    public async Task Devices_of_two_gateways_see_each_other_come_speak_and_go()
    {
        await using var gateways = await TwoGateways.StartAsync();
        await using var desk = await RawDevice.ConnectAsync(gateways.First, owner);
        await using (var phone = await RawDevice.ConnectAsync(gateways.Second, owner))
        {
            await ExpectAsync(desk, desk, phone);
            await ExpectAsync(phone, desk, phone);
            await phone.Socket.SendAsync(
                new PresenceMessage(JsonElement.Parse("""{"file":"a.cs"}"""))
            );
            await desk.Socket.ExpectAsync<PresentMessage>(
                message =>
                    message.Devices.Any(device =>
                        device.Id == phone.Device.Id
                        && device.State?.GetRawText() == """{"file":"a.cs"}"""
                    ),
                Patience
            );
        }
        await ExpectAsync(desk, desk);
        await using var stranger = await RawDevice.ConnectAsync(
            gateways.Second,
            new OwnerId(Guid.NewGuid())
        );
        await ExpectAsync(stranger, stranger);
    }

    [Fact]
    public async Task P15_What_no_gateway_has_written_is_dropped_and_what_is_lost_comes_back()
    {
        await using var gateways = await TwoGateways.StartAsync();
        using var counts = new CountedRelay();
        var (redis, key) = (gateways.Redis, $"presence:{owner}");
        await redis.AskAsync($"SET {key} nonsense");
        await using var desk = await RawDevice.ConnectAsync(gateways.First, owner);
        await using (var phone = await RawDevice.ConnectAsync(gateways.Second, owner))
        {
            await ExpectAsync(desk, desk, phone);
            var place = Guid.NewGuid();
            await redis.AskAsync(
                $"HSET {key} a b {place}:{place} 1 {Guid.NewGuid()}:{place} \"{{\""
            );
            await redis.AskAsync($"PUBLISH {key} nonsense");
            await redis.AskAsync($"PUBLISH {key} {place}");
        }
        await ExpectAsync(desk, desk);
        Assert.Equal([":1"], await redis.AskAsync($"HLEN {key}"));
        Assert.InRange(counts["garbage"], 5, long.MaxValue);

        await using var pad = await RawDevice.ConnectAsync(gateways.Second, owner);
        await ExpectAsync(desk, desk, pad);
        await ExpectAsync(pad, desk, pad);
        // Both listen all the while: who does not read for half a minute is taken for gone.
        await redis.KillAsync();
        await Task.WhenAll(ExpectAsync(desk, desk), ExpectAsync(pad, pad));
        await redis.RestartAsync();
        await Task.WhenAll(ExpectAsync(desk, desk, pad), ExpectAsync(pad, desk, pad));
    }

    /// <summary>Waits until what a device was told last is that these are connected, and no others.</summary>
    private static async Task ExpectAsync(RawDevice told, params RawDevice[] present)
    {
        var past = await told.Socket.DrainAsync();
        if (past.OfType<PresentMessage>().LastOrDefault() is not { } last || !IsIt(last))
            await told.Socket.ExpectAsync<PresentMessage>(IsIt, Patience);

        bool IsIt(PresentMessage message) =>
            message
                .Devices.Select(device => device.Id)
                .ToHashSet()
                .SetEquals(present.Select(device => device.Device.Id));
    }
}
