using Orchestra.TestKit.Postgres;
using Orchestra.TestKit.Processes;
using Orchestra.TestKit.Proxies;

namespace Orchestra.TestKit.Clusters;

/// <summary>
/// A cluster as it runs in production, on one machine: sync silos and gateways, each a process of
/// its own, on one PostgreSQL, with one address before the gateways.
/// </summary>
public sealed class ProcessCluster : IAsyncDisposable
{
    /// <summary>What a gateway logs in as: it may know who is in the cluster, and nothing else.</summary>
    private const string GatewayRole = "orchestra_gateway";

    private const string MakeGatewayRole = $"""
        do $$
        begin
            if not exists (select from pg_roles where rolname = '{GatewayRole}') then
                create role {GatewayRole} login;
            end if;
        end
        $$;
        grant usage on schema orleans to {GatewayRole};
        grant select on all tables in schema orleans to {GatewayRole};
        grant insert, update, delete on orleans.membership, orleans.membership_version,
            orleans.reminder to {GatewayRole};
        """;

    private readonly LoadBalancer balancer;

    private readonly Action<string>? say;

    private ProcessCluster(
        Action<string>? say,
        MigratedDatabase database,
        IReadOnlyList<SiloProcess> sync,
        IReadOnlyList<SiloProcess> gateways
    )
    {
        this.say = say;
        Database = database;
        Sync = sync;
        Gateways = gateways;
        balancer = new LoadBalancer([.. gateways.Select(gateway => gateway.Gateway)]);
    }

    public MigratedDatabase Database { get; }

    public IReadOnlyList<SiloProcess> Sync { get; }

    public IReadOnlyList<SiloProcess> Gateways { get; }

    public IEnumerable<SiloProcess> Processes => Sync.Concat(Gateways);

    /// <summary>Where clients connect.</summary>
    public Uri Address => balancer.Address;

    /// <param name="say">Hears in the end what the processes complained of.</param>
    /// <param name="sync">How many sync silos.</param>
    /// <param name="gateways">How many gateways; every second is a client from outside.</param>
    public static async Task<ProcessCluster> StartAsync(
        Action<string>? say = null,
        int sync = 3,
        int gateways = 2
    )
    {
        var database = await MigratedDatabase.CreateAsync();
        await database.RunAsync(MakeGatewayRole);
        var silos = new List<SiloProcess>();
        for (var i = 0; i < sync; i++)
            silos.Add(await StartSyncAsync(database));
        var doors = new List<SiloProcess>();
        for (var i = 0; i < gateways; i++)
            doors.Add(await StartGatewayAsync(database, doors.FirstOrDefault(), i % 2 == 1));
        return new(say, database, silos, doors);
    }

    /// <summary>A token that every gateway takes.</summary>
    public async Task<string> GetTokenAsync(Guid user)
    {
        foreach (var gateway in Gateways)
        {
            try
            {
                return await gateway.GetTokenAsync(user);
            }
            catch (HttpRequestException)
            {
                // It has been killed; the next one has the same key.
            }
        }
        throw new InvalidOperationException("No gateway hands out tokens");
    }

    public async ValueTask DisposeAsync()
    {
        await balancer.DisposeAsync();
        foreach (var process in Gateways.Concat(Sync))
        {
            Tell(process);
            await process.DisposeAsync();
        }
    }

    private void Tell(SiloProcess process)
    {
        var complaints = process
            .Lines.Where(line => line.Contains(" warn: ") || line.Contains(" fail: "))
            .Select(line => line[(line.IndexOf('Z') + 1)..])
            .GroupBy(line => line[..Math.Min(line.Length, 100)])
            .Select(group =>
                $"  {group.Count()} × {group.First()[..Math.Min(group.First().Length, 260)]}"
            );
        say?.Invoke($"{process.Gateway}\n{string.Join('\n', complaints)}");
    }

    private static Task<SiloProcess> StartSyncAsync(MigratedDatabase database) =>
        SiloProcess.StartAsync(
            ("Orchestra__Roles", "sync"),
            ("Orchestra__Postgres__ConnectionString", database.ConnectionString()),
            (
                "Orchestra__Postgres__MaintenanceConnectionString",
                database.ConnectionString(MigratedDatabase.Maintenance)
            ),
            ("Orchestra__Cluster__GatewayPort", $"{Silos.SiloPorts.Next()}")
        );

    private static Task<SiloProcess> StartGatewayAsync(
        MigratedDatabase database,
        SiloProcess? other,
        bool isClient
    )
    {
        var folder = Directory.CreateTempSubdirectory("orchestra-silo-").FullName;
        if (other is not null)
            File.Copy(
                Path.Combine(other.Folder, "data", "development.key"),
                Path.Combine(
                    Directory.CreateDirectory(Path.Combine(folder, "data")).FullName,
                    "development.key"
                )
            );
        return SiloProcess.StartAsync(
            folder,
            ("Orchestra__Roles", "gateway"),
            ("Orchestra__Gateway__Join", isClient ? "client" : "silo"),
            ("Orchestra__Cluster__ConnectionString", database.ConnectionString(GatewayRole))
        );
    }
}
