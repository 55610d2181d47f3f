using System.CommandLine;
using System.Globalization;
using Orchestra.Database.Postgres;
using Orchestra.Database.Postgres.Verification;
using Orchestra.Silo.Configuration;
using Orchestra.Silo.Hosting;
using Orchestra.Sync;

namespace Orchestra.Silo.Commands;

internal static class VerifyCommand
{
    private static readonly Option<Guid?> Owner = OwnerOption.Create("Only this owner");

    public static Command Create()
    {
        var command = new Command(
            "verify",
            """
            PostgreSQL: reads heads, log, rows, devices and epochs and says whether they fit together.
            Changes nothing; silos may run. Orchestra:Postgres:ConnectionString names a member of
            orchestra_app or orchestra_maintenance; for one owner, orchestra_readonly will do.
            """
        )
        {
            Owner,
        };
        command.SetAction(
            (parsed, cancellation) =>
                RunAsync(
                    StoreSettings
                        .Read(SiloHost.NewBuilder().Configuration)
                        .RequirePostgres("verify"),
                    parsed.GetOwner(Owner),
                    cancellation
                )
        );
        return command;
    }

    private static async Task<int> RunAsync(
        PostgresLogins logins,
        OwnerId? owner,
        CancellationToken cancellation
    )
    {
        await using var database = PostgresDatabase.Open(logins.App);
        var verifier = new PostgresVerifier(database);
        var report = await ProgressBar.ShowAsync(
            "owners",
            await verifier.CountAsync(owner, cancellation),
            bar =>
                verifier.VerifyAsync(
                    owner,
                    new Telling<VerificationReport>(bar, report => report.Owners),
                    cancellation
                )
        );
        var seen = string.Create(
            CultureInfo.InvariantCulture,
            $"{report.Owners} owners, {report.Rows} rows, {report.LogEntries} log entries"
        );
        if (report.Owners == 0 && owner is not null)
        {
            Console.WriteLine($"There is no owner {owner}.");
            return CommandLine.Failed;
        }
        if (report.Findings.Count == 0)
        {
            Console.WriteLine($"{seen}: all as it must be.");
            return 0;
        }
        var count = report.Findings.Count + report.MoreFindings;
        Console.WriteLine($"{seen}: {count} {(count == 1 ? "finding" : "findings")}.");
        foreach (var finding in report.Findings)
            Console.WriteLine($"  {finding}");
        if (report.MoreFindings > 0)
            Console.WriteLine($"  and {report.MoreFindings} more");
        return CommandLine.Failed;
    }
}
