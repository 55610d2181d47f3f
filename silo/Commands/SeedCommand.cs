using System.CommandLine;
using Orchestra.Database.Seeders;
using Orchestra.Silo.Configuration;
using Orchestra.Silo.Hosting;

namespace Orchestra.Silo.Commands;

internal static class SeedCommand
{
    private static readonly Option<int> Users = new("--users")
    {
        Description = "How many users",
        DefaultValueFactory = _ => 1,
    };

    private static readonly Option<int> Rows = new("--rows")
    {
        Description = "Rows of each user",
        DefaultValueFactory = _ => 1_000,
    };

    private static readonly Option<int> Seed = new("--seed")
    {
        Description = "The same seed makes the same users and rows",
        DefaultValueFactory = _ => 1,
    };

    private static readonly Option<DateTimeOffset> At = new("--at")
    {
        Description = "The moment the made-up users reached; part of what makes rows the same",
        DefaultValueFactory = _ => new DateTimeOffset(2026, 1, 1, 12, 0, 0, TimeSpan.Zero),
    };

    public static Command Create()
    {
        RequirePositive(Users);
        RequirePositive(Rows);
        var command = new Command(
            "seed",
            "Fills the store with made-up users; the silo is stopped."
        )
        {
            Users,
            Rows,
            Seed,
            At,
        };
        command.SetAction(
            (parsed, cancellation) =>
                RunAsync(
                    new SeedPlan(
                        parsed.GetValue(Users),
                        parsed.GetValue(Rows),
                        parsed.GetValue(Seed),
                        parsed.GetValue(At).ToUniversalTime()
                    ),
                    cancellation
                )
        );
        return command;
    }

    private static async Task<int> RunAsync(SeedPlan plan, CancellationToken cancellation)
    {
        var settings = StoreSettings.Read(SiloHost.NewBuilder().Configuration);
        using var data = settings.Postgres is null
            ? DataDirectory.Claim(settings.DataDirectory)
            : null;
        await using var store = await OpenStore.OpenAsync(
            settings,
            data,
            TimeProvider.System,
            cancellation
        );
        var done = await new Seeder(store.Store).SeedAsync(plan, new Counter(plan), cancellation);
        Console.WriteLine(
            $"{done.Users} users, {done.Rows} rows written, {done.Skipped} users were there already."
        );
        Console.WriteLine($"The first one is {Seeder.OwnerOf(plan.Seed, 1)}.");
        return 0;
    }

    private static void RequirePositive(Option<int> option) =>
        option.Validators.Add(result =>
        {
            if (result.GetValue(option) < 1)
                result.AddError($"{option.Name} is 1 or more.");
        });

    /// <summary>A line that counts up, where somebody watches.</summary>
    private sealed class Counter(SeedPlan plan) : IProgress<SeedProgress>
    {
        public void Report(SeedProgress value)
        {
            if (!Console.IsOutputRedirected)
                Console.Write(
                    $"\r{value.Users} of {plan.Users} users{(value.Users == plan.Users ? "\n" : "")}"
                );
        }
    }
}
