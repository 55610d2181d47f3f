using System.CommandLine;
using System.Runtime.CompilerServices;
using Orchestra.Silo.Configuration;
using Orchestra.Silo.Doctor;
using Orchestra.Silo.Hosting;

namespace Orchestra.Silo.Commands;

internal static class DoctorCommand
{
    public static Command Create()
    {
        var command = new Command(
            "doctor",
            """
            Checks settings, database, roles, months of the log, clocks, silos, Redis and where contents
            are kept, as this process would use them, and says what to do. Silos may run. The exit code is
            0 unless something has failed.
            """
        );
        command.SetAction(
            async (_, cancellation) =>
            {
                var worst = Health.Ok;
                await foreach (var finding in RunAsync(cancellation))
                {
                    Console.WriteLine(finding);
                    if (finding.Health > worst)
                        worst = finding.Health;
                }
                return worst == Health.Failed ? CommandLine.Failed : 0;
            }
        );
        return command;
    }

    private static async IAsyncEnumerable<Finding> RunAsync(
        [EnumeratorCancellation] CancellationToken cancellation
    )
    {
        var (settings, fault) = Read();
        if (settings is null)
        {
            yield return Finding.Failed("settings", fault!, "silo run --help lists them all.");
            yield break;
        }
        yield return Finding.Ok("settings", "all are known, and none contradicts another");
        if (!settings.HasSync)
            yield return Finding.Ok("database", "a gateway has no store");
        else if (settings.Store.Postgres is { } logins)
            await foreach (
                var finding in new PostgresChecks(
                    logins,
                    settings.Store.Retention.MonthsAhead,
                    TimeProvider.System
                ).RunAsync(cancellation)
            )
                yield return finding;
        else
            yield return Finding.Ok("database", $"embedded, in {settings.Store.DataDirectory}");
        if (settings.Cluster.ConnectionString is { } members)
            yield return await ClusterChecks.RunAsync(settings.Cluster, members, cancellation);
        if (settings.Redis is { } redis)
            yield return await ServiceChecks.OfRedisAsync(redis, TimeProvider.System);
        yield return await ServiceChecks.OfContentsAsync(settings.Contents, cancellation);
    }

    private static (SiloSettings? Settings, string? Fault) Read()
    {
        try
        {
            var builder = SiloHost.NewBuilder();
            return (
                SiloSettings.Read(builder.Configuration, builder.Environment.IsDevelopment()),
                null
            );
        }
        catch (SettingException e)
        {
            return (null, e.Message);
        }
    }
}
