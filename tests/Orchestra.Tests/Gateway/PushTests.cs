using Orchestra.Sync;
using Orchestra.Sync.Wire;
using Orchestra.TestKit.Silos;

namespace Orchestra.Tests.Gateway;

/// <summary>A push over a socket: its verdicts, and what the owner's other devices see of it.</summary>
[Collection(nameof(SharedSilo))]
public sealed class PushTests(SharedSilo shared)
{
    private readonly OwnerId owner = SharedSilo.NewOwner();

    [Fact]
    public async Task A_change_is_answered_and_reaches_the_other_device()
    {
        await using var desk = await ConnectAsync();
        await using var phone = await ConnectAsync();
        var id = Guid.NewGuid();
        var verdict = Assert.Single(await desk.PushAsync(Edits.Project(id)));
        Assert.Equal(ChangeStatus.Applied, verdict.Status);

        var seen = (await phone.ReadUntilAsync(verdict.Version!.Value))
            .SelectMany(frame => frame.Changes)
            .Single(entry => entry.Id == id);
        Assert.Equal((verdict.Version, WireOp.Put), (seen.Version, seen.Op));
        Assert.Equal("Apollo", seen.Fields["name"].AsText());
        Assert.Equal((desk.Device.Id, 1L), (seen.Device, seen.Seq));
    }

    private Task<RawDevice> ConnectAsync(WireDevice? device = null) =>
        RawDevice.ConnectAsync(shared.Silo, owner, device);
}
