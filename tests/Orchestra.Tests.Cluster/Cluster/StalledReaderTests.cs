using System.Diagnostics;
using Orchestra.Sync;
using Orchestra.Sync.Wire;
using Orchestra.TestKit.Processes;
using Orchestra.TestKit.Silos;
using Xunit.Abstractions;

namespace Orchestra.Tests.Cluster.Cluster;

/// <summary>A device that stays connected and reads nothing any more.</summary>
[Collection(nameof(Alone))]
public sealed class StalledReaderTests(ITestOutputHelper output)
{
    private const int Readers = 50;
    private const int Rounds = 200;

    /// <summary>Before anything is measured: a silo that has just started is still compiled.</summary>
    private const int WarmUp = 50;

    /// <summary>Of 640 KB each: many times what one socket may owe.</summary>
    private const int Floods = 300;

    private const int Stalled = 10;
    private const long HeapBytes = 160 * 1024 * 1024;

    private const int NotesPerFlood = 40;
    private const int NoteBytes = 16 * 1024;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    /// <summary>
    /// Two owners with fifty readers each take turns; one of them has a stalled reader besides, whose
    /// window is full. What differs between the two is what that reader costs the others.
    /// </summary>
    [Fact]
    public async Task P16_fifty_readers_do_not_notice_one_that_has_stopped()
    {
        await using var silo = await SiloProcess.StartAsync();
        await using var calm = await Room.OpenAsync(silo);
        await using var disturbed = await Room.OpenAsync(silo);
        await using var stalled = await disturbed.ConnectAsync();
        await disturbed.FloodAsync(Floods / 20);
        await calm.GatherAsync(Readers);
        await disturbed.GatherAsync(Readers);

        List<double> without = [];
        List<double> with = [];
        for (var round = -WarmUp; round < Rounds; round++)
        {
            var (one, other) = (await calm.RoundAsync(), await disturbed.RoundAsync());
            if (round < 0)
                continue;
            without.AddRange(one);
            with.AddRange(other);
        }
        output.WriteLine(
            $"p99 of {with.Count} deliveries: {P99(without):0.0} ms without a stalled reader, "
                + $"{P99(with):0.0} ms beside one, ratio {P99(with) / P99(without):0.00}"
        );
        Assert.Equal(Readers * Rounds, with.Count);
    }

    /// <summary>The silo has less memory than is pushed.</summary>
    [Fact]
    public async Task P16_what_stalled_readers_miss_is_not_kept_for_them()
    {
        await using var silo = await SiloProcess.StartAsync(
            ("DOTNET_GCHeapHardLimit", $"{HeapBytes:x}"),
            // As it ships, whatever the tests run with: other code fills the heap at another pace.
            ("DOTNET_TieredPGO", "1")
        );
        await using var room = await Room.OpenAsync(silo);
        var stalled = new List<RawDevice>();
        for (var i = 0; i < Stalled; i++)
            stalled.Add(await room.ConnectAsync());
        long pushed = 0;
        try
        {
            pushed = await room.FloodAsync(Floods);
        }
        finally
        {
            output.WriteLine($"{pushed >> 20} MiB were pushed into {HeapBytes >> 20} MiB");
            foreach (var line in silo.Lines.Where(line => line.Contains("fail: ")))
                output.WriteLine(line);
        }
        Assert.True(pushed > HeapBytes);
        Assert.False(silo.HasExited);
        foreach (var device in stalled)
            await device.DisposeAsync();
    }

    private static double P99(List<double> samples) =>
        samples.Order().ElementAt(samples.Count * 99 / 100);

    /// <summary>One owner's devices: a writer, and those that read what it writes.</summary>
    private sealed class Room : IAsyncDisposable
    {
        private readonly List<RawDevice> readers = [];
        private readonly List<Guid> notes =
        [
            .. Enumerable.Range(0, NotesPerFlood).Select(_ => Guid.NewGuid()),
        ];
        private readonly SiloProcess silo;
        private readonly OwnerId owner = new(Guid.NewGuid());
        private RawDevice writer = null!;
        private long head;

        private Room(SiloProcess silo) => this.silo = silo;

        public static async Task<Room> OpenAsync(SiloProcess silo)
        {
            var room = new Room(silo);
            room.writer = await room.ConnectAsync();
            return room;
        }

        public async Task<RawDevice> ConnectAsync() =>
            await RawDevice.ConnectAsync(
                silo.Gateway,
                await silo.GetTokenAsync(owner.Value),
                owner
            );

        public async Task GatherAsync(int count)
        {
            for (var i = 0; i < count; i++)
                readers.Add(await ConnectAsync());
            await PushAsync(HttpDevice.NewProject(0));
            await Task.WhenAll(readers.Select(reader => reader.ReadUntilAsync(head, Patience)));
        }

        /// <summary>Pushes a row.</summary>
        /// <returns>How long each reader waited for it, in milliseconds.</returns>
        public async Task<double[]> RoundAsync()
        {
            var next = head + 1;
            var start = Stopwatch.GetTimestamp();
            var reading = readers.Select(async reader =>
            {
                await reader.ReadUntilAsync(next, Patience);
                return Stopwatch.GetElapsedTime(start).TotalMilliseconds;
            });
            var all = Task.WhenAll(reading);
            await PushAsync(HttpDevice.NewProject(0));
            return await all;
        }

        /// <summary>Rewrites the same notes again and again.</summary>
        /// <returns>How many bytes of text that were.</returns>
        public async Task<long> FloodAsync(int times)
        {
            for (var i = 0; i < times; i++)
            {
                var body = FieldValue.Text(new string((char)('a' + (i % 26)), NoteBytes));
                await PushAsync([.. notes.Select(id => Rewrite(id, body))]);
            }
            return (long)times * NotesPerFlood * NoteBytes;
        }

        public async ValueTask DisposeAsync()
        {
            foreach (var reader in readers)
                await reader.DisposeAsync();
            await writer.DisposeAsync();
        }

        private static WireChange Rewrite(Guid note, FieldValue body) =>
            new(
                0,
                new ChangeId(Guid.NewGuid()),
                ChangeOp.Create,
                "notes",
                note.ToString("D"),
                Fields: new()
                {
                    ["title"] = FieldValue.Text("a note"),
                    ["body"] = body,
                    ["is_pinned"] = FieldValue.Boolean(false),
                }
            );

        /// <summary>Pushes, and takes in what comes back.</summary>
        private async Task PushAsync(params WireChange[] changes)
        {
            var verdicts = await writer.PushAsync(changes);
            Assert.All(verdicts, verdict => Assert.Equal(ChangeStatus.Applied, verdict.Status));
            head = verdicts[^1].Version!.Value;
            writer.Settled = writer.LastSeq;
            await writer.ReadUntilAsync(head, Patience);
        }
    }
}
