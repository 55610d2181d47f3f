using System.Diagnostics;
using Orchestra.TestKit.Silos;

namespace Orchestra.Benchmarks.PushPath;

/// <param name="Name">For the table.</param>
/// <param name="Owners">Each with one device, which awaits every answer.</param>
/// <param name="Changes">In each push, new rows.</param>
internal sealed record Load(string Name, int Owners, int Changes)
{
    /// <summary>What the process does anyway is measured first and taken off.</summary>
    private static readonly TimeSpan Idle = TimeSpan.FromSeconds(3);

    public async Task<Cost> RunAsync(
        RunningSilo silo,
        Counters counters,
        TimeSpan length,
        CancellationToken cancel
    )
    {
        var devices = new List<PushingDevice>();
        for (var i = 0; i < Owners; i++)
            devices.Add(await PushingDevice.ConnectAsync(silo, cancel));
        var pushes = await WarmUpAsync(devices, length, cancel);
        foreach (var device in devices)
            device.Prepare(pushes / Owners, Changes);
        GC.Collect();
        var idle = await MeasureAsync(counters, () => RestAsync(cancel));
        var busy = await MeasureAsync(counters, () => PushAsync(devices, cancel));
        foreach (var device in devices)
            device.Dispose();
        return new(busy, idle, Changes);
    }

    /// <returns>How many pushes there can be in that time.</returns>
    private async Task<int> WarmUpAsync(
        List<PushingDevice> devices,
        TimeSpan length,
        CancellationToken cancel
    )
    {
        const int AtOnce = 20;
        var start = Stopwatch.GetTimestamp();
        var count = 0;
        while (Stopwatch.GetElapsedTime(start) < length)
        {
            foreach (var device in devices)
                device.Prepare(AtOnce, Changes);
            count += await PushAsync(devices, cancel);
        }
        return count;
    }

    private static async Task<int> RestAsync(CancellationToken cancel)
    {
        await Task.Delay(Idle, cancel);
        return 0;
    }

    private static async Task<int> PushAsync(List<PushingDevice> devices, CancellationToken cancel)
    {
        var counts = await Task.WhenAll(
            devices.Select(device => Task.Run(() => device.PushAsync(cancel), cancel))
        );
        return counts.Sum();
    }

    private static async Task<Measured> MeasureAsync(Counters counters, Func<Task<int>> work)
    {
        var before = counters.Read();
        var start = Stopwatch.GetTimestamp();
        var pushes = await work();
        var elapsed = Stopwatch.GetElapsedTime(start);
        var after = counters.Read();
        return new(
            pushes,
            elapsed,
            after.Calls - before.Calls,
            after.RoundTrips - before.RoundTrips,
            after.Allocated - before.Allocated
        );
    }
}

/// <summary>What was counted in a while.</summary>
internal sealed record Measured(
    int Pushes,
    TimeSpan Elapsed,
    long Calls,
    long RoundTrips,
    long Allocated
);

/// <summary>What a push costs, without what the process does when nobody pushes.</summary>
internal sealed record Cost(Measured Busy, Measured Idle, int Changes)
{
    public double PushesPerSecond => Busy.Pushes / Busy.Elapsed.TotalSeconds;

    public double ChangesPerSecond => PushesPerSecond * Changes;

    public double CallsPerPush => Net(measured => measured.Calls) / Busy.Pushes;

    public double TripsPerPush => Net(measured => measured.RoundTrips) / Busy.Pushes;

    public double BytesPerChange =>
        Net(measured => measured.Allocated) / ((double)Busy.Pushes * Changes);

    private double Net(Func<Measured, long> count) =>
        count(Busy) - count(Idle) * (Busy.Elapsed / Idle.Elapsed);
}
