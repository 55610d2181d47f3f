using System.Diagnostics;
using System.Net.WebSockets;
using Orchestra.Benchmarks.Workloads.Bare;
using Orchestra.Benchmarks.Workloads.Devices;

namespace Orchestra.Benchmarks.Workloads;

/// <summary>W2: how long after one device has sent a change another of the user's has it.</summary>
internal sealed class Live : IWorkload
{
    private const int PerRound = 200;

    public string Name => "W2";

    public async Task<IReadOnlyList<Finding>> RunAsync(
        Stage stage,
        WorkloadSettings settings,
        Action advance,
        CancellationToken cancel
    )
    {
        var owner = Stage.NewOwner();
        using var writing = await stage.ConnectAsync(owner, cancel);
        using var reading = await stage.ConnectAsync(owner, cancel);
        await using var bare = await BareWriter.OpenAsync(stage, owners: 1);
        using var echo = new ClientWebSocket();
        await echo.ConnectAsync(new UriBuilder(stage.KestrelAddress) { Scheme = "ws" }.Uri, cancel);
        var writer = new PushWriter(writing);
        List<double> ours = [];
        List<double> limit = [];
        for (var i = 0; i < (settings.Rounds + 1) * PerRound; i++)
        {
            var seen = await MeasureAsync(() =>
                SeeAsync(writing, reading, writer.Create(1), cancel)
            );
            var committed = await MeasureAsync(() => bare.WriteAsync(1, cancel));
            var echoed = await MeasureAsync(() => EchoAsync(echo, cancel));
            if (i >= PerRound)
            {
                ours.Add(seen);
                limit.Add(committed + echoed);
            }
            if ((i + 1) % PerRound == 0)
                advance();
        }
        return
        [
            new(
                Name,
                "A writes, B sees: p50",
                "ms",
                ours.Median(),
                limit.Median(),
                Goal.AtMost(1.8, 1.5)
            ),
            new(
                Name,
                "A writes, B sees: p99",
                "ms",
                ours.Quantile(0.99),
                limit.Quantile(0.99),
                Goal.AtMost(1.3, 1.0)
            ),
        ];
    }

    private static async Task SeeAsync(
        LoadDevice writing,
        LoadDevice reading,
        ReadOnlyMemory<byte> push,
        CancellationToken cancel
    )
    {
        var seen = reading.ReachAsync(reading.Version + 1, cancel);
        var answered = writing.PushAsync(push, cancel);
        await seen;
        // What comes after it does not count, but must be over before the next one.
        await answered;
    }

    private static async Task EchoAsync(ClientWebSocket socket, CancellationToken cancel)
    {
        var message = new byte[400];
        await socket.SendAsync(message.AsMemory(), WebSocketMessageType.Binary, true, cancel);
        await socket.ReceiveAsync(message.AsMemory(), cancel);
    }

    /// <returns>Milliseconds.</returns>
    private static async Task<double> MeasureAsync(Func<Task> work)
    {
        var start = Stopwatch.GetTimestamp();
        await work();
        return Stopwatch.GetElapsedTime(start).TotalMilliseconds;
    }
}
