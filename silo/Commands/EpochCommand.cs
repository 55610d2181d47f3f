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
        var count = await epochs.CountAsync(owner, cancellation);
        if (!isMeant)
        {
            Console.WriteLine(
                $"{count} owners would begin a new epoch, and every device of theirs would reset. "
                    + "Nothing was done; add --yes to do it."
            );
            return CommandLine.Misused;
        }
        var done = await ProgressBar.ShowAsync(
            "owners",
            count,
            bar => epochs.BumpAsync(owner, new Telling<long>(bar, owners => owners), cancellation)
        );
        Console.WriteLine($"{done} owners have begun a new epoch.");
        return done == 0 && owner is not null ? CommandLine.Failed : 0;
    }
}
