using System.Diagnostics;
using Orchestra.Client.Apply;
using Orchestra.Client.Local;
using Orchestra.Client.Outbox;
using Orchestra.Client.Rows;
using Orchestra.Sync;
using Orchestra.Sync.Wire;

namespace Orchestra.Benchmarks.Apply;

/// <summary>A device's database in a folder of its own, before its first frame.</summary>
internal sealed class MeasuredDevice : IAsyncDisposable
{
    private readonly DirectoryInfo folder;
    private readonly LocalDatabase database;

    private MeasuredDevice(string parent)
    {
        folder = Directory.CreateDirectory(Path.Combine(parent, $"orchestra-{Guid.NewGuid():n}"));
        database = LocalDatabase.Open(
            Path.Combine(folder.FullName, "device.db"),
            new NewDevice(DeviceKind.Desktop, "measured"),
            TimeProvider.System
        );
    }

    public static async Task<MeasuredDevice> CreateAsync(
        string parent,
        Scenario scenario,
        CancellationToken cancel
    )
    {
        var device = new MeasuredDevice(parent);
        await device.WriteAsync(
            local =>
            {
                local.State = local.State with
                {
                    Owner = scenario.Made.Owner,
                    Cursor = Cursor.Start(scenario.Made.Pages[0].Epoch),
                };
                CatalogGrowth.Apply(local, WireCatalog.From(scenario.Made.Catalog));
            },
            cancel
        );
        await device.TakeAsync(scenario.Before, cancel);
        var clock = new EditClock(TimeProvider.System, Guid.NewGuid());
        await device.WriteAsync(
            local =>
            {
                foreach (var edit in scenario.Outbox)
                    EditRecorder.Record(local, edit, clock.Now(), tx: null);
            },
            cancel
        );
        return device;
    }

    /// <summary>Parses, applies and commits, frame by frame.</summary>
    public async Task<Measurement> TakeAsync(IReadOnlyList<byte[]> frames, CancellationToken cancel)
    {
        GC.Collect();
        var rows = 0L;
        var parsing = TimeSpan.Zero;
        var start = Environment.CpuUsage.TotalTime;
        var clock = Stopwatch.StartNew();
        foreach (var bytes in frames)
        {
            var before = Environment.CpuUsage.TotalTime;
            var frame = (ChangesMessage)WireCodec.ReadServerMessage(bytes);
            parsing += Environment.CpuUsage.TotalTime - before;
            var applied = await database.WriteAsync(
                local => FrameApplier.Apply(local, frame),
                cancel
            );
            Invariant.Require(applied.Outcome == FrameOutcome.Applied);
            rows += applied.Entries.Count;
        }
        return new(rows, clock.Elapsed, Environment.CpuUsage.TotalTime - start, parsing);
    }

    public async ValueTask DisposeAsync()
    {
        await database.DisposeAsync();
        folder.Delete(recursive: true);
    }

    private Task<bool> WriteAsync(Action<LocalTransaction> work, CancellationToken cancel) =>
        database.WriteAsync(
            local =>
            {
                work(local);
                return true;
            },
            cancel
        );
}
