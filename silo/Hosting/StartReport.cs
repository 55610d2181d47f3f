using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Npgsql;
using Orchestra.Silo.Configuration;

namespace Orchestra.Silo.Hosting;

/// <summary>What somebody who has just started a silo wants to know.</summary>
internal static class StartReport
{
    public static void Write(WebApplication silo, TextWriter output)
    {
        var settings = silo.Services.GetRequiredService<SiloSettings>();
        var urls = BoundAddresses.Of(silo);
        output.WriteLine($"Orchestra {ProductVersion.Text} ({silo.Environment.EnvironmentName})");
        if (urls.Gateway is { } gateway)
            output.WriteLine($"  gateway  {gateway}");
        output.WriteLine($"  admin    {urls.Admin}/health/ready");
        if (settings.HasDashboard)
        {
            output.WriteLine($"           {urls.Admin}/overview");
            output.WriteLine($"           {urls.Admin}/dashboard");
            output.WriteLine($"           {urls.Admin}/events");
        }
        var wanted = silo.Configuration.GetValue(
            "Orchestra:Gateway:MaxConnections",
            settings.Connections.All
        );
        if (urls.Gateway is not null && settings.Connections.All < wanted)
            output.WriteLine(
                $"  limit    {settings.Connections.All} WebSockets and {settings.Connections.Http} other "
                    + "connections, for which the files that it may open suffice (ulimit -n)"
            );
        output.WriteLine($"  data     {DataOf(settings)}");
        if (urls.Gateway is not null)
            output.WriteLine(Next(urls.Gateway, settings.Issuer is null));
        output.Flush();
    }

    /// <summary>A connection string may hold a password: host and database are enough.</summary>
    private static string DataOf(SiloSettings settings) =>
        !settings.HasSync ? "elsewhere in the cluster"
        : settings.Store.Postgres is { } logins ? DescribeDatabase(logins.App)
        : settings.Store.DataDirectory;

    private static string DescribeDatabase(string connectionString)
    {
        var parts = new NpgsqlConnectionStringBuilder(connectionString);
        return $"PostgreSQL {parts.Host}:{parts.Port}/{parts.Database} as {parts.Username}";
    }

    private static string Next(string gateway, bool isDevelopment) =>
        $"""
            Next, in a folder of your own:
              orchestra init --server {gateway}
              orchestra login {(isDevelopment ? "--user <a UUID>" : "--token <an access token>")}
              orchestra import <a folder>
            Ctrl+C stops the server.
            """;
}

/// <summary>The addresses that the listeners really have, also where any free port was asked for.</summary>
/// <param name="Gateway">Null without the role.</param>
/// <param name="Admin">Always there.</param>
internal sealed record BoundAddresses(string? Gateway, string Admin)
{
    public static BoundAddresses Of(WebApplication silo)
    {
        // In the order in which they were opened.
        var addresses = silo
            .Services.GetRequiredService<IServer>()
            .Features.Get<IServerAddressesFeature>()!
            .Addresses.ToArray();
        return new(addresses.Length > 1 ? addresses[1] : null, addresses[0]);
    }
}
