using System.CommandLine;
using System.Globalization;
using Orchestra.Database.Postgres;
using Orchestra.Database.Schema;
using Orchestra.Database.Sqlite;
using Orchestra.Silo.Configuration;
using Orchestra.Silo.Hosting;

namespace Orchestra.Silo.Commands;

internal static class MigrateCommand
{
    private static readonly Option<bool> DryRun = new("--dry-run")
    {
        Description = "Only list the migrations, and which of them are pending",
    };

    private static readonly Option<int?> To = new("--to")
    {
        Description =
            "PostgreSQL: the last migration to apply, or with --rollback the last that stays",
    };

    private static readonly Option<bool> Rollback = new("--rollback")
    {
        Description = "PostgreSQL: take migrations back, the newest one or all above --to",
    };

    public static Command Create()
    {
        var command = new Command(
            "migrate",
            """
            Brings the database to this version's tables. With the embedded store the server does so
            itself when it starts. On PostgreSQL, Orchestra:Postgres:ConnectionString names a member of
            orchestra_migrator for this command, and the first time a login that can create roles.
            """
        )
        {
            DryRun,
            To,
            Rollback,
        };
        command.SetAction(
            (parsed, cancellation) =>
            {
                var store = StoreSettings.Read(SiloHost.NewBuilder().Configuration);
                var (to, back) = (parsed.GetValue(To), parsed.GetValue(Rollback));
                var isDryRun = parsed.GetValue(DryRun);
                if (store.Postgres is { } logins)
                    return RunAsync(logins, isDryRun, back, to, cancellation);
                if (back || to is not null)
                    store.RequirePostgres("--rollback or --to");
                return RunEmbeddedAsync(store, isDryRun, cancellation);
            }
        );
        return command;
    }

    private static async Task<int> RunAsync(
        PostgresLogins logins,
        bool isDryRun,
        bool back,
        int? to,
        CancellationToken cancellation
    )
    {
        var schema = new PostgresSchema(logins.App);
        var report = new Lines();
        if (isDryRun)
            report.Report(new("Nothing is changed.", null));
        else if (back)
            await schema.RollbackAsync(to, report, cancellation);
        else
            await schema.MigrateAsync(to, report, cancellation);
        List(await schema.ListAsync(cancellation));
        return 0;
    }

    private static async Task<int> RunEmbeddedAsync(
        StoreSettings store,
        bool isDryRun,
        CancellationToken cancellation
    )
    {
        using var data = DataDirectory.Claim(store.DataDirectory);
        using var database = data.OpenDatabase();
        var schema = new SqliteSchema(database, TimeProvider.System);
        if (!isDryRun)
            foreach (var name in await schema.MigrateAsync(cancellation))
                Console.WriteLine($"done now           {name}");
        List(await schema.ListAsync(cancellation));
        return 0;
    }

    private static void List(IEnumerable<ScriptStatus> scripts)
    {
        foreach (var script in scripts)
            Console.WriteLine(
                script.AppliedAt is { } at
                    ? $"{at:yyyy-MM-dd HH:mm}Z  {script.Name}"
                    : $"pending            {script.Name}"
            );
    }

    /// <summary>A line a migration, as soon as it is done.</summary>
    private sealed class Lines : IProgress<MigrationNews>
    {
        public void Report(MigrationNews value) =>
            Console.WriteLine(
                value.Took is { } took
                    ? string.Create(
                        CultureInfo.InvariantCulture,
                        $"done now           {value.Text} ({took.TotalMilliseconds:F0} ms)"
                    )
                    : value.Text
            );
    }
}
