using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Orchestra.TestKit.Postgres;
using Orchestra.TestKit.Silos;
using Orleans.Configuration;
using Orleans.Runtime;
using Orleans.Storage;

namespace Orchestra.Tests.Postgres;

/// <summary>A silo with nothing but Orleans in it: membership, reminders and state in PostgreSQL.</summary>
internal sealed class OrleansSilo : IAsyncDisposable
{
    private const string Invariant = "Npgsql";
    public const string Keeps = "Default";
    public const string Deletes = "deletes";

    private readonly IHost host;

    private OrleansSilo(IHost host) => this.host = host;

    public IGrainFactory Grains => host.Services.GetRequiredService<IGrainFactory>();

    public IMembershipTable Membership => host.Services.GetRequiredService<IMembershipTable>();

    public IReminderTable Reminders => host.Services.GetRequiredService<IReminderTable>();

    public SiloAddress Address => host.Services.GetRequiredService<ILocalSiloDetails>().SiloAddress;

    /// <summary>Storage that keeps an empty row of a cleared state, or one that deletes it.</summary>
    public IGrainStorage Storage(string name) =>
        host.Services.GetRequiredKeyedService<IGrainStorage>(name);

    /// <param name="database">Where it keeps everything.</param>
    /// <param name="cluster">Cluster id and service id.</param>
    /// <param name="probe">How long a silo may take to answer; it may do so once.</param>
    public static async Task<OrleansSilo> StartAsync(
        MigratedDatabase database,
        string cluster,
        TimeSpan? probe = null
    )
    {
        var host = Build(database, cluster, probe);
        await host.StartAsync();
        return new OrleansSilo(host);
    }

    /// <summary>One that does not start, so that nobody else changes its membership.</summary>
    public static async Task<OrleansSilo> PrepareAsync(MigratedDatabase database, string cluster)
    {
        var silo = new OrleansSilo(Build(database, cluster, probe: null));
        await silo.Membership.InitializeMembershipTableAsync(tryInitTableVersion: true);
        return silo;
    }

    /// <summary>Reads membership as it changes, until it is as expected.</summary>
    public async Task<ClusterMembershipSnapshot> SeesAsync(
        Func<ClusterMembershipSnapshot, bool> expected
    )
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        var service = host.Services.GetRequiredService<IClusterMembershipService>();
        await foreach (var seen in service.MembershipUpdates.WithCancellation(patience.Token))
            if (expected(seen))
                return seen;
        throw new InvalidOperationException("The silo has stopped");
    }

    public Task StopAsync() => host.StopAsync();

    public async ValueTask DisposeAsync()
    {
        await host.StopAsync();
        host.Dispose();
    }

    private static IHost Build(MigratedDatabase database, string cluster, TimeSpan? probe)
    {
        var builder = Host.CreateApplicationBuilder();
        builder.Logging.ClearProviders();
        builder.UseOrleans(silo =>
            silo.ConfigureEndpoints(IPAddress.Loopback, SiloPorts.Next(), gatewayPort: 0)
                .Configure<ClusterOptions>(options =>
                    (options.ClusterId, options.ServiceId) = (cluster, cluster)
                )
                .Configure<ClusterMembershipOptions>(options =>
                {
                    options.ProbeTimeout = probe ?? options.ProbeTimeout;
                    options.NumMissedProbesLimit = 2;
                    options.TableRefreshTimeout = TimeSpan.FromSeconds(1);
                })
                .UseAdoNetClustering(options =>
                {
                    options.Invariant = Invariant;
                    options.ConnectionString = database.ConnectionString() + ";Search Path=orleans";
                })
                .UseAdoNetReminderService(options =>
                {
                    options.Invariant = Invariant;
                    options.ConnectionString = database.ConnectionString() + ";Search Path=orleans";
                })
                .AddAdoNetGrainStorage(Keeps, options => Store(options, false))
                .AddAdoNetGrainStorage(Deletes, options => Store(options, true))
        );
        return builder.Build();

        void Store(AdoNetGrainStorageOptions options, bool deletes)
        {
            options.Invariant = Invariant;
            options.ConnectionString = database.ConnectionString() + ";Search Path=orleans";
            options.DeleteStateOnClear = deletes;
        }
    }
}
