using Orchestra.Benchmarks.Workloads.Devices;

namespace Orchestra.Benchmarks.Workloads;

/// <summary>W5: one user writes from 32 devices at once, each of which gets what all the others write.</summary>
internal sealed class HotOwner : IWorkload
{
    private const int Devices = 32;

    public string Name => "W5";

    public async Task<IReadOnlyList<Finding>> RunAsync(
        Stage stage,
        WorkloadSettings settings,
        Action advance,
        CancellationToken cancel
    )
    {
        var owner = Stage.NewOwner();
        List<LoadDevice> devices = [];
        for (var i = 0; i < Devices; i++)
            devices.Add(await stage.ConnectAsync(owner, cancel));
        var pushers = devices.Select(device => new Pusher(device, 1)).ToList();
        List<(double PerSecond, Processors Processors)> rounds = [];
        for (var i = 0; i <= settings.Rounds; i++)
        {
            var round = await Ingest.PushAsync(stage, pushers, settings.Length, cancel);
            if (i > 0)
                rounds.Add(round);
            advance();
        }
        foreach (var device in devices)
            device.Dispose();
        return
        [
            new(
                Name,
                "one user, 32 devices, one by one",
                "pushes/s",
                rounds.Select(r => r.PerSecond).Median(),
                null,
                Goal.AtLeast(5_000, 15_000),
                Processors.MedianOf(rounds.Select(r => r.Processors))
            ),
        ];
    }
}
