using System.CommandLine;
using Orchestra.Database.Sqlite;
using Orchestra.Silo.Configuration;
using Orchestra.Silo.Hosting;

namespace Orchestra.Silo.Commands;

internal static class MigrateCommand
{
    private static readonly Option<bool> DryRun = new("--dry-run")
    {
        Description = "Only list the scripts, and which of them are pending",
    };

    public static Command Create()
    {
        var command = new Command(
            "migrate",
            "Brings the database to this version's tables. The server does so itself when it starts."
        )
        {
            DryRun,
        };
        command.SetAction(
            (parsed, cancellation) => RunAsync(parsed.GetValue(DryRun), cancellation)
        );
        return command;
    }

    private static async Task<int> RunAsync(bool isDryRun, CancellationToken cancellation)
    {
        var path = SiloSettings.ReadDataDirectory(SiloHost.NewBuilder().Configuration);
        using var data = DataDirectory.Claim(path);
        using var database = data.OpenDatabase();
        var schema = new SqliteSchema(database, TimeProvider.System);
        if (!isDryRun)
            foreach (var name in await schema.MigrateAsync(cancellation))
                Console.WriteLine($"applied now  {name}");
        foreach (var script in await schema.ListAsync(cancellation))
            Console.WriteLine(
                script.AppliedAt is { } at
                    ? $"{at:yyyy-MM-dd HH:mm}Z  {script.Name}"
                    : $"pending            {script.Name}"
            );
        return 0;
    }
}
