using System.CommandLine;
using Orchestra.Database.Postgres;
using Orchestra.Database.Postgres.Maintenance;
using Orchestra.Silo.Configuration;
using Orchestra.Silo.Hosting;
using Orchestra.Sync;

namespace Orchestra.Silo.Commands;

internal static class EpochCommand
{
    private static readonly Option<bool> Bump = new("--bump")
    {
        Description = "Begins a new epoch",
        Required = true,
    };

    private static readonly Option<Guid?> Owner = OwnerOption.Create("Only for this owner");

    private static readonly Option<bool> Yes = new("--yes")
    {
        Description = "Does it; without, it only says what it would do",
    };

    public static Command Create()
    {
        var command = new Command(
            "epoch",
            """
            PostgreSQL: after a restore to an earlier moment, before silos start again. Devices that have
            seen what is gone are reset and bring it back. Runs as the login of
            Orchestra:Postgres:MaintenanceConnectionString.
            """
        )
        {
            Bump,
            Owner,
            Yes,
        };
        command.SetAction(
            (parsed, cancellation) =>
                RunAsync(
                    StoreSettings
                        .Read(SiloHost.NewBuilder().Configuration)
                        .RequirePostgres("epoch"),
                    parsed.GetOwner(Owner),
                    parsed.GetValue(Yes),
                    cancellation
                )
        );
        return command;
    }

    private static async Task<int> RunAsync(
        PostgresLogins logins,
        OwnerId? owner,
        bool isMeant,
        CancellationToken cancellation
    )
    {
        var epochs = new PostgresEpochs(logins.Maintenance, TimeProvider.System);
        if (!isMeant)
        {
            var count = await epochs.CountAsync(owner, cancellation);
            Console.WriteLine(
                $"{count} owners would begin a new epoch, and every device of theirs would reset. "
                    + "Nothing was done; add --yes to do it."
            );
            return CommandLine.Misused;
        }
        var done = await epochs.BumpAsync(owner, new Counter(), cancellation);
        Console.WriteLine($"{done} owners have begun a new epoch.");
        return done == 0 && owner is not null ? CommandLine.Failed : 0;
    }

    /// <summary>A line that counts up, where somebody watches.</summary>
    private sealed class Counter : IProgress<long>
    {
        public void Report(long value)
        {
            if (!Console.IsOutputRedirected)
                Console.Write($"\r{value} owners …\r");
        }
    }
}
