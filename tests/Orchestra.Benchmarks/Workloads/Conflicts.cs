using Orchestra.Benchmarks.Workloads.Devices;

namespace Orchestra.Benchmarks.Workloads;

/// <summary>
/// W6: as W1 with batches of 100, but two devices of each user write the same rows in turn, and of
/// their changes 30 % do not know of what the other one has just written.
/// </summary>
internal sealed class Conflicts : IWorkload
{
    private const int Users = 200;
    private const int Rows = 100;

    public string Name => "W6";

    public async Task<IReadOnlyList<Finding>> RunAsync(
        Stage stage,
        WorkloadSettings settings,
        Action advance,
        CancellationToken cancel
    )
    {
        List<Pusher> pushers = [];
        List<Rivals> rivals = [];
        for (var i = 0; i < Users; i++)
        {
            pushers.Add(new Pusher(await stage.ConnectAsync(Stage.NewOwner(), cancel), Rows));
            rivals.Add(await Rivals.ConnectAsync(stage, Rows, cancel));
        }
        List<(double Ours, double Limit, Processors? Processors)> rounds = [];
        for (var i = 0; i <= settings.Rounds; i++)
        {
            var (plain, _) = await Ingest.PushAsync(stage, pushers, settings.Length, cancel);
            foreach (var pair in rivals)
                pair.Prepare(settings.Length);
            var (rate, load) = await stage.WatchAsync(() =>
                Timed.RunAsync(rivals.Select(NextOf), settings.Length, cancel)
            );
            if (i > 0)
                rounds.Add((rate * Rows, plain, load));
            advance();
        }
        foreach (var pair in rivals)
            pair.Dispose();
        return
        [
            Finding.Of(Name, "30 % conflicts, to W1", "changes/s", rounds, Goal.AtLeast(0.6, 0.8)),
        ];
    }

    private static Func<CancellationToken, Task<bool>> NextOf(Rivals pair) => pair.NextAsync;
}
