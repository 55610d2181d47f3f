using Orchestra.Benchmarks.Workloads.Bare;
using Orchestra.Benchmarks.Workloads.Devices;

namespace Orchestra.Benchmarks.Workloads;

/// <summary>W1: 200 users write, a push counts when its answer is there, and then it is durable.</summary>
internal sealed class Ingest : IWorkload
{
    private const int Users = 200;
    private const int Large = 100;

    public string Name => "W1";

    public async Task<IReadOnlyList<Finding>> RunAsync(
        Stage stage,
        WorkloadSettings settings,
        Action advance,
        CancellationToken cancel
    )
    {
        var devices = await stage.ConnectManyAsync(2 * Users, cancel);
        await using var hundreds = await Writers.OpenAsync(stage, count: 2, owners: 1);
        await using var thousands = await Writers.OpenAsync(stage, count: 2, owners: 10);
        await using var singles = await Writers.OpenAsync(stage, count: 16, owners: 1);
        var pushers = devices
            .Select((device, i) => new Pusher(device, i < Users ? Large : 1))
            .ToLookup(pusher => pusher.Changes);
        List<Round> rounds = [];
        // The first round warms up and does not count.
        for (var i = 0; i <= settings.Rounds; i++)
        {
            var bareHundreds = await hundreds.RunAsync(Large, settings.Length, cancel);
            var (large, largeLoad) = await PushAsync(
                stage,
                [.. pushers[Large]],
                settings.Length,
                cancel
            );
            var bareThousands = await thousands.RunAsync(1000, settings.Length, cancel);
            var (one, oneLoad) = await PushAsync(stage, [.. pushers[1]], settings.Length, cancel);
            var bareSingles = await singles.RunAsync(1, settings.Length, cancel);
            if (i > 0)
                rounds.Add(
                    new(bareHundreds, bareThousands, bareSingles, large, one, largeLoad, oneLoad)
                );
            advance();
        }
        foreach (var device in devices)
            device.Dispose();
        return
        [
            Compare(
                rounds,
                "batches of 100, to bare batches of 100",
                Goal.AtLeast(1.2, 1.5),
                r => (r.Large, r.BareHundreds, r.LargeLoad)
            ),
            Compare(
                rounds,
                "batches of 100, to bare batches of 1,000",
                Goal.AtLeast(0.7, 0.85),
                r => (r.Large, r.BareThousands, r.LargeLoad)
            ),
            Compare(
                rounds,
                "one by one, to bare single rows",
                Goal.AtLeast(4, 6),
                r => (r.One, r.BareSingles, r.OneLoad)
            ),
        ];
    }

    /// <summary>Pushes by all, each device one after the other.</summary>
    /// <returns>Changes a second, and who took the processors.</returns>
    public static Task<(double PerSecond, Processors Processors)> PushAsync(
        Stage stage,
        IReadOnlyList<Pusher> pushers,
        TimeSpan length,
        CancellationToken cancel
    )
    {
        foreach (var pusher in pushers)
            pusher.Prepare(length);
        return stage.WatchAsync(async () =>
            pushers[0].Changes * await Timed.RunAsync(pushers.Select(NextOf), length, cancel)
        );
    }

    private static Func<CancellationToken, Task<bool>> NextOf(Pusher pusher) => pusher.NextAsync;

    private Finding Compare(
        IReadOnlyList<Round> rounds,
        string what,
        Goal goal,
        Func<Round, (double Ours, double Limit, Processors? Processors)> select
    ) => Finding.Of(Name, what, "changes/s", [.. rounds.Select(select)], goal);

    /// <summary>All in changes a second.</summary>
    private sealed record Round(
        double BareHundreds,
        double BareThousands,
        double BareSingles,
        double Large,
        double One,
        Processors LargeLoad,
        Processors OneLoad
    );
}
