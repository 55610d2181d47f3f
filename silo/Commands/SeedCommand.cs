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

    private static readonly Option<int> Months = new("--months")
    {
        Description = "PostgreSQL: how many months the users have been there",
        DefaultValueFactory = _ => 14,
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
        RequirePositive(Months);
        var command = new Command(
            "seed",
            """
            Fills the store with made-up users; the silo is stopped. On PostgreSQL they have a past of
            months, and Orchestra:Postgres:ConnectionString names a member of orchestra_migrator for
            this command.
            """
        )
        {
            Users,
            Rows,
            Months,
            Seed,
            At,
        };
        command.SetAction(
            async (parsed, cancellation) =>
            {
                var plan = new HistoryPlan(
                    parsed.GetValue(Users),
                    parsed.GetValue(Rows),
                    parsed.GetValue(Months),
                    parsed.GetValue(Seed),
                    parsed.GetValue(At).ToUniversalTime()
                );
                var store = StoreSettings.Read(SiloHost.NewBuilder().Configuration);
                var done = await ProgressBar.ShowAsync(
                    "users",
                    plan.Users,
                    bar => SeedAsync(store, plan, new(bar, seeded => seeded.Users), cancellation)
                );
                Console.WriteLine(
                    $"{done.Users} users, {done.Rows} rows written, {done.Skipped} users were there already."
                );
                Console.WriteLine($"The first one is {Seeder.OwnerOf(plan.Seed, 1)}.");
                return 0;
            }
        );
        return command;
    }

    private static async Task<SeedProgress> SeedAsync(
        StoreSettings settings,
        HistoryPlan plan,
        Telling<SeedProgress> progress,
        CancellationToken cancellation
    )
    {
        if (settings.Postgres is { } logins)
            return await new PostgresSeeder(logins.App).SeedAsync(plan, progress, cancellation);
        using var data = DataDirectory.Claim(settings.DataDirectory);
        await using var store = await OpenStore.OpenAsync(
            settings,
            data,
            TimeProvider.System,
            cancellation
        );
        return await new Seeder(store.Store).SeedAsync(
            new SeedPlan(plan.Users, plan.RowsPerUser, plan.Seed, plan.Now),
            progress,
            cancellation
        );
    }

    private static void RequirePositive(Option<int> option) =>
        option.Validators.Add(result =>
        {
            if (result.GetValue(option) < 1)
                result.AddError($"{option.Name} is 1 or more.");
        });
}
