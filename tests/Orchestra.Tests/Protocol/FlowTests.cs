using Orchestra.Sync;
using Orchestra.Sync.Wire;
using Orchestra.TestKit.Silos;

namespace Orchestra.Tests.Protocol;

/// <summary>What happens to a device that takes changes in without acknowledging them.</summary>
[Collection(nameof(SharedServer))]
public sealed class FlowTests(SharedServer shared)
{
    /// <summary>Rounds of 640 KB each: more than a window.</summary>
    private const int Rounds = 10;

    private readonly OwnerId owner = SharedServer.NewOwner();
    private readonly Guid[] notes = [.. Enumerable.Range(0, 10).Select(_ => Guid.NewGuid())];

    [Fact]
    public async Task P16_A_device_that_acknowledges_nothing_is_sent_a_window_and_delays_nobody()
    {
        await using var writer = await RawDevice.ConnectAsync(shared.Server, owner);
        await using var other = await RawDevice.ConnectAsync(shared.Server, owner);
        await using var stalled = await RawDevice.ConnectAsync(shared.Server, owner);
        long head = 0;
        var sent = new List<(long End, int Bytes)>();
        for (var round = 0; round < Rounds; round++)
        {
            head = await FillAsync(writer, round);
            await other.ReadUntilAsync(head);
            sent.AddRange(await ReadWhatComesAsync(stalled));
        }

        Assert.True(sent[^1].End < head, "It never stopped");
        Assert.InRange(sent.Sum(frame => frame.Bytes), Limits.WindowBytes / 2, Limits.WindowBytes);
    }

    [Fact]
    public async Task A_device_that_fell_behind_goes_on_where_it_was_and_gets_rows_once_a_frame()
    {
        await using var writer = await RawDevice.ConnectAsync(shared.Server, owner);
        await using var stalled = await RawDevice.ConnectAsync(shared.Server, owner);
        for (var round = 0; round < Rounds; round++)
            await FillAsync(writer, round);
        long head = 0;
        for (var round = 0; round < Rounds; round++)
            head = await RenameAsync(writer, $"title {round}");
        var sent = await ReadWhatComesAsync(stalled);
        Assert.True(sent[^1].End < head, "It never stopped");

        await stalled.AckAsync(sent[^1].End);
        var rest = await stalled.ReadUntilAsync(head);
        Assert.Equal(sent[^1].End, rest[0].From);
        Assert.All(rest.Zip(rest.Skip(1)), pair => Assert.Equal(pair.First.To, pair.Second.From));
        Assert.All(
            rest,
            frame => Assert.Equal(frame.Changes.Count, frame.Changes.DistinctBy(e => e.Id).Count())
        );
        var last = rest[^1];
        Assert.True(last.To - last.From >= Rounds * notes.Length, "Nothing was folded");
        Assert.Equal(notes.Order(), last.Changes.Select(entry => entry.Id).Order());
        Assert.All(
            last.Changes,
            entry => Assert.Equal($"title {Rounds - 1}", entry.Fields["title"].AsText())
        );
    }

    [Fact]
    public async Task A_pull_restores_the_credit()
    {
        await using var writer = await RawDevice.ConnectAsync(shared.Server, owner);
        await using var stalled = await RawDevice.ConnectAsync(shared.Server, owner);
        long head = 0;
        for (var round = 0; round < Rounds; round++)
            head = await FillAsync(writer, round);
        var stop = (await ReadWhatComesAsync(stalled))[^1].End;
        Assert.True(stop < head, "It never stopped");

        var next = await stalled.PullAsync(stop);
        Assert.Equal(stop, next.From);
        await stalled.AckAsync(next.To);
        if (next.To < head)
            await stalled.ReadUntilAsync(head);
    }

    private async Task<long> FillAsync(RawDevice writer, int round)
    {
        var body = new string((char)('a' + round), 64 * 1024);
        return Head(
            await writer.PushAsync([
                .. notes.Select(id =>
                    round == 0
                        ? Edits.Note(id, body)
                        : Edits.Update("notes", id, 0, ("body", Edits.Text(body)))
                ),
            ])
        );
    }

    private async Task<long> RenameAsync(RawDevice writer, string title) =>
        Head(
            await writer.PushAsync([
                .. notes.Select(id => Edits.Update("notes", id, 0, ("title", Edits.Text(title)))),
            ])
        );

    private static long Head(IReadOnlyList<WireVerdict> verdicts)
    {
        Assert.All(verdicts, verdict => Assert.Equal(ChangeStatus.Applied, verdict.Status));
        return verdicts[^1].Version!.Value;
    }

    /// <summary>Acknowledges nothing, and reads until two pings in a row bring nothing else.</summary>
    private static async Task<IReadOnlyList<(long End, int Bytes)>> ReadWhatComesAsync(
        RawDevice device
    )
    {
        var frames = new List<(long End, int Bytes)>();
        for (var quiet = 0; quiet < 2; quiet++)
            foreach (var frame in await device.Socket.DrainFramesAsync())
                if (frame.Message is ChangesMessage changes)
                {
                    frames.Add((changes.To, frame.Utf8.Length));
                    quiet = 0;
                }
        return frames;
    }
}
