using System.CommandLine;
using System.Diagnostics;
using Npgsql;
using Orchestra.Database.Postgres;
using Orchestra.Sync;
using Orchestra.Sync.Search;
using Orchestra.TestKit.Embeddings;
using Orchestra.TestKit.Postgres;

namespace Orchestra.Benchmarks.Meaning;

/// <summary>
/// How long it takes to compare all vectors of an owner and how long to ask the index, side by side, and how
/// much of the truth the index finds.
/// </summary>
internal static class MeaningCommand
{
    private const int K = 10;
    private const int Warm = 3;

    /// <summary>The largest first; the others share what is left of a hundred thousand.</summary>
    private static readonly int[] Large = [30_000, 20_000, 10_000, 5_000, 2_000, 1_000];

    private static readonly Option<int> Rows = new("--rows")
    {
        Description = "Of all owners together",
        DefaultValueFactory = _ => 100_000,
    };

    private static readonly Option<int> Queries = new("--queries")
    {
        Description = "Of each owner that is measured, each asked both ways",
        DefaultValueFactory = _ => 40,
    };

    public static Command Create()
    {
        var command = new Command(
            "meaning",
            "Searches by meaning of 1,000 owners in a PostgreSQL with pgvector of its own, by all vectors and by the index"
        )
        {
            Rows,
            Queries,
        };
        command.SetAction((parsed, _) => RunAsync(parsed.GetValue(Rows), parsed.GetValue(Queries)));
        return command;
    }

    private static async Task RunAsync(int rows, int queries)
    {
        await using var server = await PostgresServer.StartVectorAsync(
            ("shared_buffers", "2GB"),
            ("max_wal_size", "8GB"),
            ("random_page_cost", "1.1")
        );
        var database = await MigratedDatabase.CreateAsync(server);
        var corpus = new VectorCorpus();
        var watch = Stopwatch.StartNew();
        var owners = await corpus.FillAsync(database, SizesOf(rows), isAtOnce: true);
        Console.WriteLine(
            $"{rows:N0} rows of {owners.Count:N0} owners, made in {watch.Elapsed:m\\:ss}"
        );
        await using var opened = PostgresDatabase.Open(database.ConnectionString());
        var exact = (await PostgresMeaning.OpenAsync(opened, default, new(int.MaxValue, 0)))!;
        var index = (await PostgresMeaning.OpenAsync(opened, default, new(0, 0)))!;
        var product = (await PostgresMeaning.OpenAsync(opened, default))!;
        Console.WriteLine(
            $"{"rows of the owner", 18} {"exact ms", 10} {"index ms", 10} {"recall", 8} {"found", 8} {"product ms", 11} {"recall", 8} {"fewest", 8}"
        );
        foreach (var (owner, size) in Measured(owners, SizesOf(rows)))
        {
            var (all, near, chosen) = (new Way(), new Way(), new Way());
            var alone = new Way();
            for (var i = 0; i < queries + Warm; i++)
            {
                var search = new MeaningSearch(
                    "",
                    corpus.Next(),
                    VectorCorpus.Model,
                    false,
                    ["notes"],
                    K
                );
                var truth = await all.AskAsync(
                    i >= Warm,
                    null,
                    () => FindAsync(exact, owner, search)
                );
                await near.AskAsync(i >= Warm, truth, () => FindAsync(index, owner, search));
                await chosen.AskAsync(i >= Warm, truth, () => FindAsync(product, owner, search));
                await alone.AskAsync(i >= Warm, truth, () => NearAsync(database, owner, search));
            }
            Console.WriteLine(
                $"{size, 18:N0} {all.Median, 10:N1} {near.Median, 10:N1} {near.Recall, 8:N3} {alone.Found, 8:N1} {chosen.Median, 11:N1} {chosen.Recall, 8:N3} {chosen.Fewest, 8}"
            );
        }
    }

    private static List<int> SizesOf(int rows)
    {
        var large = Large.Select(size => (int)((long)size * rows / 100_000)).ToList();
        var small = 1_000 - large.Count - 1;
        var left = rows - large.Sum() - K;
        return [.. large, .. Enumerable.Range(0, small).Select(i => (left + i) / small), K];
    }

    private static IEnumerable<(OwnerId, int)> Measured(
        IReadOnlyList<OwnerId> owners,
        List<int> sizes
    ) =>
        Enumerable
            .Range(0, Large.Length + 1)
            .Append(owners.Count - 1)
            .Select(i => (owners[i], sizes[i]));

    private static async Task<List<Guid>> FindAsync(
        PostgresMeaning meaning,
        OwnerId owner,
        MeaningSearch search
    ) => [.. (await meaning.SearchAsync(owner, search, default)).Rows.Select(row => row.Place.Id)];

    /// <summary>What the index alone finds, before all are compared because it was too little.</summary>
    private static async Task<List<Guid>> NearAsync(
        MigratedDatabase database,
        OwnerId owner,
        MeaningSearch search
    )
    {
        await using var connection = new NpgsqlConnection(database.ConnectionString());
        await connection.OpenAsync();
        await using var transaction = await connection.BeginTransactionAsync();
        var session = new PostgresSession(connection, PostgresNearest.SetUp);
        var tables = await PostgresCatalog.ReadAsync(session);
        return await session.ListAsync(
            PostgresNearest.SelectNear(tables["notes"], owner, search, K),
            row => row.GetGuid(0)
        );
    }

    /// <summary>One way of asking, and how it did.</summary>
    private sealed class Way
    {
        private readonly List<double> times = [];
        private readonly List<double> recalls = [];
        private readonly List<int> founds = [];

        public double Median => times.Order().ElementAt(times.Count / 2);

        public double Recall => recalls.Average();

        public double Found => founds.Average();

        public int Fewest => founds.Min();

        public async Task<List<Guid>> AskAsync(
            bool isMeasured,
            List<Guid>? truth,
            Func<Task<List<Guid>>> ask
        )
        {
            var watch = Stopwatch.StartNew();
            var found = await ask();
            if (!isMeasured)
                return found;
            times.Add(watch.Elapsed.TotalMilliseconds);
            founds.Add(found.Count);
            recalls.Add((double)(truth ?? found).Count(found.Contains) / (truth ?? found).Count);
            return found;
        }
    }
}
