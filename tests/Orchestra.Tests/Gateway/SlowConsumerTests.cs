using Orchestra.Sync;
using Orchestra.Sync.Errors;
using Orchestra.Sync.Wire;
using Orchestra.TestKit.Silos;
using Orchestra.Tests.Protocol;

namespace Orchestra.Tests.Gateway;

/// <summary>A device that takes in nothing of what is there for it is disconnected, and may come back.</summary>
public sealed class SlowConsumerTests : IAsyncLifetime
{
    private readonly OwnerId owner = SharedServer.NewOwner();
    private RunningSilo silo = null!;

    public async Task InitializeAsync() =>
        silo = await RunningSilo.StartAsync(null, ("Orchestra:Gateway:SlowConsumerSeconds", "1"));

    public Task DisposeAsync() => silo.DisposeAsync().AsTask();

    [Fact]
    public async Task P16_It_goes_on_where_it_was()
    {
        await using var slow = await RawDevice.ConnectAsync(silo, owner);
        var head = await FloodAsync();
        await slow.Socket.ExpectErrorAsync(ErrorCode.SlowConsumer);
        Assert.Equal(4408, (int?)await slow.Socket.ExpectCloseAsync());

        await using var again = await RawDevice.ConnectAsync(silo, owner, slow.Device);
        var frames = await again.ReadUntilAsync(head);
        Assert.Equal(head, frames[^1].To);
    }

    [Fact]
    public async Task P16_One_that_does_not_even_read_is_gone_soon()
    {
        await using var watcher = await RawDevice.ConnectAsync(silo, owner, entities: ["settings"]);
        await using var deaf = await RawDevice.ConnectAsync(silo, owner);
        await ExpectAsync(watcher, deaf, isThere: true);
        await FloodAsync();
        await ExpectAsync(watcher, deaf, isThere: false);
    }

    [Fact]
    public async Task P16_So_is_one_that_reads_no_answers()
    {
        await using var watcher = await RawDevice.ConnectAsync(silo, owner, entities: ["settings"]);
        await using var deaf = await RawDevice.ConnectAsync(silo, owner, entities: ["settings"]);
        await ExpectAsync(watcher, deaf, isThere: true);
        var note = Guid.NewGuid();
        var row = (await watcher.PushAsync(Edits.Note(note, "")))[0].Version!.Value;
        var body = Edits.Text(new string('x', 65_536));
        await watcher.PushAsync(Edits.Update("notes", note, row, ("body", body)));
        var late = Edits.Update("notes", note, row, ("body", Edits.Text("late"))) with
        {
            AgeMs = 3_600_000,
        };
        // Each is answered with a megabyte of what won instead.
        for (var i = 0; i < 40; i++)
            await deaf.SendAsync([
                .. Enumerable
                    .Range(0, 16)
                    .Select(_ => late with { Change = new ChangeId(Guid.NewGuid()) }),
            ]);
        await ExpectAsync(watcher, deaf, isThere: false);
    }

    /// <summary>By a device of its own, which takes in nothing either, and does not stay.</summary>
    private async Task<long> FloodAsync()
    {
        await using var writer = await RawDevice.ConnectAsync(silo, owner, entities: ["settings"]);
        return await Flood.PushAsync(writer);
    }

    private static Task<PresentMessage> ExpectAsync(
        RawDevice watcher,
        RawDevice other,
        bool isThere
    ) =>
        watcher.Socket.ExpectAsync<PresentMessage>(present =>
            present.Devices.Any(device => device.Id == other.Device.Id) == isThere
        );
}
