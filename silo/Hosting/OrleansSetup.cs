using System.Net;
using Npgsql;
using Orchestra.Grains;
using Orchestra.Grains.Interfaces;
using Orchestra.Silo.Configuration;
using Orleans.Configuration;
using Orleans.Dashboard;
using Orleans.Streams;

namespace Orchestra.Silo.Hosting;

/// <summary>The silo's part in the Orleans cluster.</summary>
internal static class OrleansSetup
{
    /// <summary>
    /// Of grains on other silos, ten for each socket that there may be by default. Room for them is
    /// taken at once, and for the library's own million that is 18 MB.
    /// </summary>
    private const int KnownAddresses = 200_000;

    private const string Invariant = "Npgsql";

    public static void AddCluster(this WebApplicationBuilder builder, SiloSettings settings)
    {
        var cluster = settings.Cluster;
        if (cluster.IsClient)
            builder.UseOrleansClient(client =>
            {
                client.Join(cluster);
                if (settings.Telemetry.IsSent)
                    client.AddActivityPropagation();
            });
        else
            builder.UseOrleans(silo =>
            {
                if (cluster.ConnectionString is { } members)
                    silo.UsePostgres(cluster, SoftStateOf(members));
                else
                    silo.UseThisMachine(cluster);
                if (cluster.SiloName is { Length: > 0 } name)
                    silo.Configure<SiloOptions>(options => options.SiloName = name);
                silo.Configure<SiloMessagingOptions>(options =>
                    options.ResponseTimeout = cluster.Response
                );
                silo.Configure<GrainDirectoryOptions>(options =>
                    options.CacheSize = KnownAddresses
                );
                silo.AddDashboard(dashboard => dashboard.HideTrace = true);
                silo.AddOperatorEvents();
                if (settings.Telemetry.IsSent)
                    silo.AddActivityPropagation();
                if (!settings.HasSync)
                    silo.Services.Configure<GrainTypeOptions>(HideSyncGrains);
            });
    }

    /// <summary>Calls the cluster without being one of it. While nobody answers it waits.</summary>
    private static void Join(this IClientBuilder client, ClusterSettings cluster)
    {
        client.Configure<ClusterOptions>(cluster.Name);
        client.UseAdoNetClustering(options =>
            (options.Invariant, options.ConnectionString) = (
                Invariant,
                SoftStateOf(cluster.ConnectionString!)
            )
        );
        client.Configure<GatewayOptions>(options =>
            options.GatewayListRefreshPeriod = cluster.Refresh
        );
        // Silos are told when one of them is given up; a client only notices that no answer comes.
        client.Configure<ClientMessagingOptions>(options =>
            options.ResponseTimeout = Shorter(
                cluster.Response,
                cluster.Probe * cluster.MissedProbes
            )
        );
        client.UseConnectionRetryFilter<ClusterPatience>();
    }

    private static TimeSpan Shorter(TimeSpan a, TimeSpan b) => a < b ? a : b;

    private static void Name(this ClusterSettings cluster, ClusterOptions options) =>
        (options.ClusterId, options.ServiceId) = (cluster.Id, cluster.ServiceId);

    /// <summary>
    /// Every silo has the stream, or the one that does its work might not be one that can. One queue
    /// keeps the order and is asked four times a second; what was delivered is forgotten soon.
    /// </summary>
    private static void AddOperatorEvents(this ISiloBuilder silo)
    {
        silo.AddMemoryGrainStorage("PubSubStore");
        silo.AddMemoryStreams(
            OperatorEventStream.Provider,
            stream =>
            {
                stream.ConfigurePartitioning(1);
                stream.ConfigureStreamPubSub(StreamPubSubType.ExplicitGrainBasedOnly);
                stream.ConfigurePullingAgent(agent =>
                    agent.Configure(options =>
                    {
                        options.GetQueueMsgsTimerPeriod = TimeSpan.FromMilliseconds(250);
                        options.MaxEventDeliveryTime = TimeSpan.FromSeconds(5);
                    })
                );
                stream.ConfigureCacheEviction(cache =>
                    cache.Configure(options =>
                    {
                        options.DataMinTimeInCache = TimeSpan.FromSeconds(5);
                        options.DataMaxAgeInCache = TimeSpan.FromSeconds(30);
                    })
                );
            }
        );
    }

    private static void UseThisMachine(this ISiloBuilder silo, ClusterSettings cluster)
    {
        silo.UseLocalhostClustering(
            cluster.SiloPort,
            cluster.GatewayPort,
            cluster.PrimarySiloPort == 0
                ? null
                : new IPEndPoint(IPAddress.Loopback, cluster.PrimarySiloPort),
            cluster.ServiceId,
            cluster.Id
        );
        silo.UseInMemoryReminderService();
        silo.AddMemoryGrainStorage(GrainServices.SoftStorage);
    }

    private static void UsePostgres(
        this ISiloBuilder silo,
        ClusterSettings cluster,
        string connectionString
    )
    {
        silo.Configure<ClusterOptions>(cluster.Name);
        silo.ConfigureEndpoints(cluster.Address, cluster.SiloPort, cluster.GatewayPort);
        silo.UseAdoNetClustering(options =>
            (options.Invariant, options.ConnectionString) = (Invariant, connectionString)
        );
        silo.UseAdoNetReminderService(options =>
            (options.Invariant, options.ConnectionString) = (Invariant, connectionString)
        );
        silo.AddAdoNetGrainStorage(
            GrainServices.SoftStorage,
            options => (options.Invariant, options.ConnectionString) = (Invariant, connectionString)
        );
        silo.Configure<ClusterMembershipOptions>(options =>
        {
            options.ProbeTimeout = cluster.Probe;
            options.NumMissedProbesLimit = cluster.MissedProbes;
            options.IAmAliveTablePublishTimeout = cluster.Alive;
            options.TableRefreshTimeout = cluster.Refresh;
        });
    }

    /// <summary>Orleans names its tables without a schema.</summary>
    private static string SoftStateOf(string connectionString) =>
        new NpgsqlConnectionStringBuilder(connectionString)
        {
            SearchPath = "orleans",
            ApplicationName = "orchestra orleans",
            MaxPoolSize = 10,
        }.ConnectionString;

    /// <summary>
    /// A silo that does not know the grain classes is never chosen for one; it calls them where they
    /// are.
    /// </summary>
    private static void HideSyncGrains(GrainTypeOptions types) =>
        types.Classes.RemoveWhere(type => type.Assembly == typeof(GrainServices).Assembly);
}
