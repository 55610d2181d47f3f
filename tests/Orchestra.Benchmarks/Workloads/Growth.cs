using System.Diagnostics;
using Orchestra.Benchmarks.Workloads.Devices;
using Orchestra.Database.Seeders;
using Orchestra.Sync;
using Orchestra.Sync.Wire;
using Orchestra.TestKit.Postgres;
using Orchestra.TestKit.Processes;

namespace Orchestra.Benchmarks.Workloads;

/// <summary>
/// W8: what a change and a pull cost where there are 10 and 100 times as many owners, and as much
/// history, as where the least was.
/// </summary>
internal sealed class Growth : IWorkload
{
    private const int Users = 50;
    private const int RowsPerUser = 400;
    private const int Months = 14;
    private const int Seed = 1;
    private const int Pushers = 50;
    private const int Pulls = 200;

    private static readonly int[] Sizes = [1, 10, 100];

    public string Name => "W8";

    /// <summary>Making the databases takes longer than all rounds.</summary>
    public int Steps(WorkloadSettings settings) =>
        settings.Rounds + 1 + Sizes.Sum(size => PostgresSeeder.StepsOf(Users * size));

    public async Task<IReadOnlyList<Finding>> RunAsync(
        Stage stage,
        WorkloadSettings settings,
        Action advance,
        CancellationToken cancel
    )
    {
        List<Place> places = [];
        try
        {
            foreach (var size in Sizes)
                places.Add(await Place.OpenAsync(stage, size, advance, cancel));
            List<double[]> writes = [];
            List<double[]> pulls = [];
            for (var i = 0; i <= settings.Rounds; i++)
            {
                var write = new double[Sizes.Length];
                var pull = new double[Sizes.Length];
                for (var j = 0; j < Sizes.Length; j++)
                {
                    write[j] = await places[j].WriteAsync(settings.Length, cancel);
                    pull[j] = await places[j].PullAsync(cancel);
                }
                if (i > 0)
                {
                    writes.Add(write);
                    pulls.Add(pull);
                }
                advance();
            }
            return
            [
                .. Compare("a change", "µs", writes),
                .. Compare("a pull of 100 changes", "ms", pulls),
            ];
        }
        finally
        {
            foreach (var place in places)
                await place.DisposeAsync();
        }
    }

    private IEnumerable<Finding> Compare(
        string what,
        string unit,
        IReadOnlyList<double[]> rounds
    ) =>
        Enumerable
            .Range(1, Sizes.Length - 1)
            .Select(i =>
                Finding.Of(
                    Name,
                    $"{what}, {Sizes[i]} × history and owners",
                    unit,
                    [.. rounds.Select(round => (round[i], round[0], (Processors?)null))],
                    // The steps in between only show how it grows.
                    i == Sizes.Length - 1
                        ? Goal.AtMost(1.15, 1.05)
                        : null
                )
            );

    /// <summary>A database of some size with a server of its own.</summary>
    private sealed class Place(Stage stage, SiloProcess silo) : IAsyncDisposable
    {
        private readonly List<Pusher> pushers = [];
        private readonly List<LoadDevice> devices = [];
        private readonly List<(WireCursor Cursor, string Token, long Head)> pulled = [];

        public static async Task<Place> OpenAsync(
            Stage stage,
            int size,
            Action advance,
            CancellationToken cancel
        )
        {
            var database = await MigratedDatabase.CreateAsync(stage.Postgres);
            await new PostgresSeeder(
                database.ConnectionString(MigratedDatabase.Superuser)
            ).SeedAsync(
                new HistoryPlan(
                    Users * size,
                    RowsPerUser,
                    Months,
                    Seed,
                    TimeProvider.System.GetUtcNow().AddDays(-1)
                ),
                new Progress<SeedProgress>(_ => advance()),
                cancel
            );
            var place = new Place(stage, await Stage.StartSiloAsync(database));
            await place.FillAsync(cancel);
            return place;
        }

        /// <returns>Microseconds a change.</returns>
        public async Task<double> WriteAsync(TimeSpan length, CancellationToken cancel) =>
            1e6 / (await Ingest.PushAsync(stage, pushers, length, cancel)).Item1;

        /// <returns>Milliseconds from hello to the last change, the median of many.</returns>
        public async Task<double> PullAsync(CancellationToken cancel)
        {
            List<double> times = [];
            for (var i = 0; i < Pulls; i++)
            {
                var (cursor, token, head) = pulled[i % pulled.Count];
                var start = Stopwatch.GetTimestamp();
                using var device = await LoadDevice.ConnectAsync(
                    silo.Gateway,
                    token,
                    cursor.Owner,
                    cursor,
                    Stage.DeviceBuffer,
                    cancel
                );
                await device.ReachAsync(head, cancel);
                times.Add(Stopwatch.GetElapsedTime(start).TotalMilliseconds);
            }
            return times.Median();
        }

        public async ValueTask DisposeAsync()
        {
            foreach (var device in devices)
                device.Dispose();
            await silo.DisposeAsync();
        }

        private async Task FillAsync(CancellationToken cancel)
        {
            for (var i = 0; i < Pushers; i++)
            {
                var device = await stage.ConnectAsync(Stage.NewOwner(), cancel, silo: silo);
                devices.Add(device);
                pushers.Add(new Pusher(device, 100));
            }
            for (var user = 1; user <= Users; user++)
                pulled.Add(await BehindAsync(PostgresSeeder.OwnerOf(Seed, user), cancel));
        }

        /// <summary>Of an owner with a past: where a device is that lacks the last 100 changes.</summary>
        private async Task<(WireCursor, string, long)> BehindAsync(
            OwnerId owner,
            CancellationToken cancel
        )
        {
            using var device = await stage.ConnectAsync(owner, cancel, silo: silo);
            var writer = new PushWriter(device);
            await device.PushAsync(writer.Create(1), cancel);
            var mark = writer.Last;
            await device.PushAsync(writer.Create(100), cancel);
            return (
                new(owner, device.Epoch, device.Head + 1, mark),
                await stage.TokenAsync(owner, cancel, silo),
                device.Head + 101
            );
        }
    }
}
