using System.CommandLine;
using Orchestra.Database.Seeders;
using Orchestra.Sync;
using Orchestra.TestKit.Silos;
using Orchestra.TestKit.Stores;

namespace Orchestra.Benchmarks.Search;

/// <summary>How long a search by words takes, asked over HTTP, among the rows of many owners.</summary>
internal static class SearchCommand
{
    private const int Many = 1;
    private const int Large = 2;

    private static readonly DateTimeOffset Past = new(2026, 1, 1, 12, 0, 0, TimeSpan.Zero);

    private static readonly Option<string> Store = new("--store")
    {
        Description = "embedded, or postgres: a server of its own, started and removed",
        DefaultValueFactory = _ => "postgres",
    };

    private static readonly Option<int> Owners = new("--owners")
    {
        Description = "With 150 rows each",
        DefaultValueFactory = _ => 1_000,
    };

    private static readonly Option<int> LargeRows = new("--large")
    {
        Description = "Rows of one more owner",
        DefaultValueFactory = _ => 20_000,
    };

    private static readonly Option<int> Searches = new("--searches")
    {
        Description = "Of each kind, after a tenth as many to warm up",
        DefaultValueFactory = _ => 2_000,
    };

    private static readonly Option<int> AtOnce = new("--at-once")
    {
        Description = "How many are under way at any time",
        DefaultValueFactory = _ => 4,
    };

    public static Command Create()
    {
        Store.AcceptOnlyFromAmong("embedded", "postgres");
        var command = new Command(
            "search",
            "Searches by words over HTTP: milliseconds of the median, of one in a hundred, of the worst"
        )
        {
            Store,
            Owners,
            LargeRows,
            Searches,
            AtOnce,
        };
        command.SetAction(
            (parsed, cancel) =>
                RunAsync(
                    parsed.GetValue(Store)!,
                    new(parsed.GetValue(Owners), 150, Many, Past),
                    new(1, parsed.GetValue(LargeRows), Large, Past),
                    parsed.GetValue(Searches),
                    parsed.GetValue(AtOnce),
                    cancel
                )
        );
        return command;
    }

    private static async Task RunAsync(
        string store,
        SeedPlan many,
        SeedPlan large,
        int searches,
        int atOnce,
        CancellationToken cancel
    )
    {
        Environment.SetEnvironmentVariable(
            StoreUnderTest.Variable,
            store == "postgres" ? "postgres" : null
        );
        await using var silo = await RunningSilo.StartAsync(
            null,
            ("Logging:LogLevel:Default", "Warning"),
            ("Orchestra:Gateway:RequestsPerSecond", "0")
        );
        await SeedAsync(silo, [many, large], cancel);
        var small = await Searcher.OpenAsync(
            silo,
            [.. Enumerable.Range(1, Math.Min(many.Users, 200)).Select(i => OwnerOf(many, i))]
        );
        var big = await Searcher.OpenAsync(silo, [OwnerOf(large, 1)]);
        Console.WriteLine(
            $"{store, -36} {"found", 8} {"p50 ms", 8} {"p99 ms", 8} {"max ms", 8} {"a second", 9}"
        );
        foreach (var kind in SearchKind.All)
        {
            await MeasureAsync($"150 rows: {kind.Name}", small, kind);
            await MeasureAsync($"{large.RowsPerUser} rows: {kind.Name}", big, kind);
        }

        async Task MeasureAsync(string name, Searcher searcher, SearchKind kind)
        {
            await searcher.RunAsync(kind, searches / 10, atOnce, cancel);
            var times = await searcher.RunAsync(kind, searches, atOnce, cancel);
            Console.WriteLine(
                $"{name, -36} {times.Found, 8:N1} {times.At(0.5), 8:N2} {times.At(0.99), 8:N2} {times.At(1), 8:N2} {times.PerSecond, 9:N0}"
            );
        }
    }

    /// <summary>Through the store, before the silo has heard of any of them.</summary>
    private static async Task SeedAsync(
        RunningSilo silo,
        IEnumerable<SeedPlan> plans,
        CancellationToken cancel
    )
    {
        await silo.Store.BesideAsync(async store =>
        {
            foreach (var plan in plans)
            {
                var done = await new Seeder(store).SeedAsync(plan, null, cancel);
                Console.Error.WriteLine($"{done.Users} owners, {done.Rows} rows");
            }
        });
        await using var settled = await silo.Store.MeddleAsync("analyze", "vacuum analyze");
    }

    private static OwnerId OwnerOf(SeedPlan plan, int number) => Seeder.OwnerOf(plan.Seed, number);
}
