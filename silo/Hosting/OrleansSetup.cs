using System.Net;
using Orchestra.Grains;
using Orchestra.Silo.Configuration;
using Orleans.Configuration;
using Orleans.Dashboard;

namespace Orchestra.Silo.Hosting;

/// <summary>The silo's part in the Orleans cluster.</summary>
internal static class OrleansSetup
{
    public static void AddCluster(this WebApplicationBuilder builder, SiloSettings settings) =>
        builder.UseOrleans(silo =>
        {
            var cluster = settings.Cluster;
            silo.UseLocalhostClustering(
                cluster.SiloPort,
                cluster.GatewayPort,
                cluster.PrimarySiloPort == 0
                    ? null
                    : new IPEndPoint(IPAddress.Loopback, cluster.PrimarySiloPort),
                cluster.ServiceId,
                cluster.Id
            );
            silo.AddDashboard(dashboard => dashboard.HideTrace = true);
            if (!settings.HasSync)
                silo.Services.Configure<GrainTypeOptions>(HideSyncGrains);
        });

    /// <summary>
    /// A silo that does not know the grain classes is never chosen for one; it calls them where they
    /// are.
    /// </summary>
    private static void HideSyncGrains(GrainTypeOptions types) =>
        types.Classes.RemoveWhere(type => type.Assembly == typeof(GrainServices).Assembly);
}
