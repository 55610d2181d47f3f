using System.Diagnostics;
using Orchestra.Benchmarks.Workloads.Devices;
using Orchestra.Sync;
using Orchestra.Sync.Wire;

namespace Orchestra.Benchmarks.Workloads;

/// <summary>W7: devices that come back all at once, each 100 changes behind.</summary>
internal sealed class Storm : IWorkload
{
    private const int Behind = 100;

    private static readonly TimeSpan Rest = TimeSpan.FromSeconds(10);

    public string Name => "W7";

    public async Task<IReadOnlyList<Finding>> RunAsync(
        Stage stage,
        WorkloadSettings settings,
        Action advance,
        CancellationToken cancel
    )
    {
        for (var i = 0; i <= settings.Rounds; i++)
            advance();
        await using var fresh = await Stage.OpenAsync();
        var devices = await fresh.ConnectManyAsync(settings.Sockets, cancel);
        var cursors = new WireCursor[devices.Count];
        var tokens = new string[devices.Count];
        var heads = new long[devices.Count];
        await Parallel.ForAsync(
            0,
            devices.Count,
            new ParallelOptions { MaxDegreeOfParallelism = 200, CancellationToken = cancel },
            async (i, token) =>
            {
                var device = devices[i];
                var writer = new PushWriter(device);
                await device.PushAsync(writer.Create(1), token);
                var mark = writer.Last;
                await device.PushAsync(writer.Create(Behind), token);
                await device.ReachAsync(device.Head + 1 + Behind, token);
                heads[i] = device.Head + 1 + Behind;
                cursors[i] = new(device.Owner, device.Epoch, device.Head + 1, mark);
                tokens[i] = await fresh.TokenAsync(device.Owner, token);
            }
        );
        await Task.Delay(Rest, cancel);
        var steady = Memory.Of(fresh.Silo.Id);
        foreach (var device in devices)
            device.Dispose();
        await Task.Delay(Rest, cancel);

        Memory.ForgetPeak(fresh.Silo.Id);
        var (times, load) = await fresh.WatchAsync(() =>
            ReturnAsync(fresh, cursors, tokens, heads, cancel)
        );
        var peak = Memory.PeakOf(fresh.Silo.Id);
        return
        [
            new(
                Name,
                $"{devices.Count:N0} come back: all are current",
                "s",
                times.Max(),
                null,
                Goal.AtMost(10, 5),
                load
            ),
            new(
                Name,
                "one of them, p99",
                "s",
                times.Quantile(0.99),
                null,
                Goal.AtMost(10, 5),
                load
            ),
            new(
                Name,
                "memory, to that before",
                "MB",
                peak / 1e6,
                steady / 1e6,
                Goal.AtMost(2, 1.3),
                load
            ),
        ];
    }

    /// <returns>When each was current, in seconds since all began.</returns>
    private static async Task<double[]> ReturnAsync(
        Stage stage,
        WireCursor[] cursors,
        string[] tokens,
        long[] heads,
        CancellationToken cancel
    )
    {
        var start = Stopwatch.GetTimestamp();
        return await Task.WhenAll(
            cursors.Select(
                async (cursor, i) =>
                {
                    using var device = await LoadDevice.ConnectAsync(
                        stage.Silo.Gateway,
                        tokens[i],
                        cursor.Owner,
                        cursor,
                        Stage.DeviceBuffer,
                        cancel
                    );
                    await device.ReachAsync(heads[i], cancel);
                    return Stopwatch.GetElapsedTime(start).TotalSeconds;
                }
            )
        );
    }
}
