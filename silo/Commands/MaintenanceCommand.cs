using System.CommandLine;
using Microsoft.Extensions.Logging.Abstractions;
using Orchestra.Database.Postgres;
using Orchestra.Database.Postgres.Maintenance;
using Orchestra.Silo.Configuration;
using Orchestra.Silo.Hosting;

namespace Orchestra.Silo.Commands;

internal static class MaintenanceCommand
{
    private static readonly Option<bool> Once = new("--once")
    {
        Description = "Does one run now and ends",
        Required = true,
    };

    public static Command Create()
    {
        var command = new Command(
            "maintenance",
            """
            PostgreSQL: makes months of the log ahead, drops those past Orchestra:Retention:LogMonths and
            collects tombstones past TombstoneDays. Silos do so by themselves every hour; this is the
            same by hand, as the login of Orchestra:Postgres:MaintenanceConnectionString.
            """
        )
        {
            Once,
        };
        command.SetAction(
            (_, cancellation) =>
                RunAsync(StoreSettings.Read(SiloHost.NewBuilder().Configuration), cancellation)
        );
        return command;
    }

    private static async Task<int> RunAsync(StoreSettings store, CancellationToken cancellation)
    {
        var maintenance = new PostgresMaintenance(
            store.RequirePostgres("maintenance").Maintenance,
            TimeProvider.System,
            NullLoggerFactory.Instance
        );
        var report = await maintenance.RunAsync(store.Retention, new Lines(), cancellation);
        Console.WriteLine(
            report is null ? "Another run is under way; nothing was done." : $"{report}."
        );
        return 0;
    }

    /// <summary>A line a step, as soon as it is done.</summary>
    private sealed class Lines : IProgress<string>
    {
        public void Report(string value) => Console.WriteLine(value);
    }
}
