using System.Globalization;
using System.Runtime.CompilerServices;
using Npgsql;
using Orchestra.Database.Postgres;
using Orchestra.Database.Postgres.Checkup;
using Orchestra.Database.Schema;
using Orchestra.Silo.Configuration;

namespace Orchestra.Silo.Doctor;

/// <summary>Whether PostgreSQL is what the silos need, for their logins.</summary>
internal sealed class PostgresChecks(PostgresLogins logins, int monthsAhead, TimeProvider time)
{
    private const string App = "orchestra_app";
    private const string Maintenance = "orchestra_maintenance";
    private const int OldestVersion = 15;

    /// <summary>Of a silo's clock: what is beyond shows in the order of edits of two clusters.</summary>
    private static readonly TimeSpan Apart = TimeSpan.FromSeconds(1);

    /// <summary>Beyond it nothing is committed.</summary>
    private static readonly TimeSpan FarApart = TimeSpan.FromDays(1);

    private static readonly TimeSpan Slow = TimeSpan.FromMilliseconds(5);

    public async IAsyncEnumerable<Finding> RunAsync(
        [EnumeratorCancellation] CancellationToken cancellation
    )
    {
        var (facts, fault) = await TryAsync(() =>
            PostgresCheckup.AskAsync(logins.App, time, cancellation)
        );
        if (facts is null)
        {
            yield return Finding.Failed(
                "database",
                fault!,
                "Look at the server, the way to it, and Orchestra:Postgres:ConnectionString."
            );
            yield break;
        }
        foreach (var finding in OfServer(facts))
            yield return finding;
        yield return OfClock(facts);
        foreach (var finding in OfApp(facts))
            yield return finding;
        yield return await OfMaintenanceAsync(cancellation);
        var tables = await OfTablesAsync(cancellation);
        yield return tables;
        if (tables.Health != Health.Ok)
            yield break;
        yield return await OfMonthsAsync(cancellation);
        yield return OfMeaning(facts);
    }

    private static IEnumerable<Finding> OfServer(PostgresFacts facts)
    {
        var trip = facts.RoundTrip.TotalMilliseconds.ToString("0.0", CultureInfo.InvariantCulture);
        var text =
            $"PostgreSQL {facts.Version}, {facts.Bytes >> 20} MiB, {trip} ms away, "
            + (facts.IsEncrypted ? "encrypted" : "not encrypted");
        if (facts.Version < OldestVersion)
            yield return Finding.Failed("database", text, $"Use {OldestVersion} or newer.");
        else if (facts.IsStandby)
            yield return Finding.Failed(
                "database",
                $"{text}; it is a standby, which takes no writes",
                "Name the primary, or add Target Session Attributes=primary to the connection string."
            );
        else if (facts.RoundTrip > Slow)
            yield return Finding.Warning(
                "database",
                text,
                "Every commit waits for the way there and back: run silos near it."
            );
        else
            yield return Finding.Ok("database", text);

        foreach (var (name, value) in facts.Off.Where(setting => !IsTimeout(setting.Name)))
            yield return Finding.Failed(
                "durability",
                $"{name} is {value}: what was acknowledged may be lost",
                $"Set {name} = on in postgresql.conf."
            );
        if (facts.RandomPageCost > 2)
            yield return Finding.Warning(
                "planner",
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"random_page_cost is {facts.RandomPageCost}"
                ),
                "Set it to 1.1 where the disk is solid-state."
            );
    }

    private IEnumerable<Finding> OfApp(PostgresFacts facts)
    {
        if (facts.IsSuperuser)
            yield return Finding.Warning(
                "login",
                $"{facts.Login} is a superuser, for whom no wall between owners holds",
                $"Log in as {App}; only the first migration needs more."
            );
        else if (!facts.Roles.Contains(App))
            yield return Finding.Failed(
                "login",
                $"{facts.Login} is no member of {App}",
                $"grant {App} to {facts.Login}"
            );
        else
            yield return Finding.Ok("login", $"{facts.Login} has the rights of {App}");

        var unbounded = facts.Off.Where(setting => IsTimeout(setting.Name)).ToList();
        if (unbounded.Count > 0)
            yield return Finding.Warning(
                "timeouts",
                $"{facts.Login} has no {string.Join(", ", unbounded.Select(setting => setting.Name))}",
                $"alter role {facts.Login} set … as 001_roles.sql does for {App}"
            );

        var pool = new NpgsqlConnectionStringBuilder(logins.App).MaxPoolSize;
        var free = facts.Connections - facts.OpenConnections;
        var text =
            $"{facts.OpenConnections} of {facts.Connections} are open, and a silo may use {pool}";
        yield return free < 10
            ? Finding.Failed(
                "connections",
                text,
                "Raise max_connections, or set a smaller Maximum Pool Size."
            )
        : facts.Connections < pool
            ? Finding.Warning(
                "connections",
                text,
                "Raise max_connections, or set a smaller Maximum Pool Size."
            )
        : Finding.Ok("connections", text);
    }

    private static Finding OfClock(PostgresFacts facts)
    {
        var apart = facts.Ahead.Duration();
        var seconds = apart.TotalSeconds.ToString("0.000", CultureInfo.InvariantCulture);
        var text =
            $"this machine is {seconds} s {(facts.Ahead > TimeSpan.Zero ? "behind" : "ahead of")} the database";
        return apart > FarApart ? Finding.Failed("clock", text, "Set the machine's time.")
            : apart > Apart ? Finding.Warning("clock", text, "Let both follow a time server.")
            : Finding.Ok("clock", text);
    }

    private async Task<Finding> OfMaintenanceAsync(CancellationToken cancellation)
    {
        const string Check = "maintenance";
        var (facts, fault) = await TryAsync(() =>
            PostgresCheckup.AskAsync(logins.Maintenance, time, cancellation)
        );
        return facts is null
                ? Finding.Failed(
                    Check,
                    fault!,
                    "Look at Orchestra:Postgres:MaintenanceConnectionString."
                )
            : facts.IsSuperuser || facts.Roles.Contains(Maintenance)
                ? Finding.Ok(Check, $"{facts.Login} has the rights of {Maintenance}")
            : Finding.Failed(
                Check,
                $"{facts.Login} is no member of {Maintenance}: no months are made or dropped",
                "Set Orchestra:Postgres:MaintenanceConnectionString to one that is."
            );
    }

    private async Task<Finding> OfTablesAsync(CancellationToken cancellation)
    {
        const string Check = "tables";
        try
        {
            var schema = new PostgresSchema(logins.App);
            await schema.RequireCurrentAsync(cancellation);
            var scripts = await schema.ListAsync(cancellation);
            return Finding.Ok(Check, $"{scripts.Count} migrations, up to {scripts[^1].Name}");
        }
        catch (SchemaException e)
        {
            return Finding.Failed(
                Check,
                e.Message,
                "silo migrate --dry-run lists what there is, as a member of orchestra_migrator."
            );
        }
    }

    private async Task<Finding> OfMonthsAsync(CancellationToken cancellation)
    {
        const string Check = "months";
        var (missing, fault) = await TryAsync(() =>
            PostgresCheckup.FindMissingMonthsAsync(logins.App, monthsAhead, time, cancellation)
        );
        return missing is null ? Finding.Failed(Check, fault!, "Look at the database's log.")
            : missing.Count == 0
                ? Finding.Ok(Check, $"the log has the present one and {monthsAhead} ahead")
            : Finding.Warning(
                Check,
                $"the log lacks {string.Join(", ", missing.Select(Name))}",
                "Run silo maintenance --once, and see in the silos' log why they do not."
            );

        static string Name(DateTimeOffset month) =>
            month.ToString("yyyy-MM", CultureInfo.InvariantCulture);
    }

    private static Finding OfMeaning(PostgresFacts facts) =>
        Finding.Ok(
            "meaning",
            facts.Extensions.Contains("vector")
                ? "pgvector is there"
                : "pgvector is not installed; nothing is searched by meaning"
        );

    private static bool IsTimeout(string setting) =>
        setting.EndsWith("_timeout", StringComparison.Ordinal);

    private static async Task<(T? Facts, string? Fault)> TryAsync<T>(Func<Task<T>> ask)
        where T : class
    {
        try
        {
            return (await ask(), null);
        }
        catch (SchemaException e)
        {
            return (null, e.Message);
        }
    }
}
