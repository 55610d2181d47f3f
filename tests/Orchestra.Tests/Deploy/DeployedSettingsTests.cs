using System.Globalization;
using k8s;
using k8s.Models;
using Orchestra.Silo.Configuration;
using Orchestra.Tests.House;

namespace Orchestra.Tests.Deploy;

/// <summary>The application knows every setting that a manifest has, and takes it as it stands there.</summary>
public sealed class DeployedSettingsTests
{
    public static TheoryData<string> Overlays => Overlay.Names;

    [OverlayTheory]
    [MemberData(nameof(Overlays))]
    public void A_silo_would_start_with_them(string name)
    {
        var overlay = Overlay.Of(name);
        foreach (var workload in overlay.Workloads)
        {
            var settings = DeployedSettings.Of(overlay, workload);
            var configuration = DeployedSettings.ToConfiguration(settings);
            if (workload.Object is V1Job)
            {
                Assert.NotNull(StoreSettings.Read(configuration).Postgres);
                continue;
            }
            var read = SiloSettings.Read(configuration, isDevelopment: false);
            Assert.False(read.NeedsDataDirectory);
            Assert.Equal(workload.Labels["app.kubernetes.io/component"] == "silo", read.HasSync);
            Assert.Equal(read.HasSync, read.Gateway is null);
            Assert.Equal(read.Admin.EndPoint.Port, workload.PortOf("admin"));
            Assert.Equal(read.Cluster.SiloPort, workload.PortOf("orleans"));
            if (read.Gateway is { } gateway)
                Assert.Equal(gateway.EndPoint.Port, workload.PortOf("public"));
            Assert.Equal("10.1.2.3", read.Cluster.Address.ToString());
            Assert.False(read.Admin.IsLoopback);
        }
    }

    /// <summary>A secret is neither in a manifest nor in the environment, and only who needs it has it.</summary>
    [OverlayTheory]
    [MemberData(nameof(Overlays))]
    public void Secrets_are_files_of_a_folder(string name)
    {
        var overlay = Overlay.Of(name);
        Assert.Empty(overlay.All<V1Secret>());
        foreach (var workload in overlay.Workloads)
        {
            var settings = DeployedSettings.Of(overlay, workload);
            var volume = workload.Pod.Volumes.Single(volume => volume.Projected is not null);
            Assert.Equal(
                settings["Orchestra__SecretsDirectory"],
                workload.Container.VolumeMounts.Single(it => it.Name == volume.Name).MountPath
            );
            var isSilo = workload.Labels["app.kubernetes.io/component"] == "silo";
            Assert.Equal(
                isSilo,
                settings.ContainsKey("Orchestra__Postgres__MaintenanceConnectionString")
            );
            Assert.Equal(
                workload.Labels["app.kubernetes.io/component"] == "gateway",
                !settings.ContainsKey("Orchestra__Postgres__ConnectionString")
            );
        }
    }

    [OverlayTheory]
    [MemberData(nameof(Overlays))]
    public void There_is_time_enough_to_end(string name)
    {
        var overlay = Overlay.Of(name);
        foreach (var workload in overlay.Workloads.Where(item => item.Object is V1Deployment))
        {
            var shutdown = int.Parse(
                DeployedSettings.Of(overlay, workload)["Orchestra__ShutdownSeconds"],
                CultureInfo.InvariantCulture
            );
            var before = workload.Container.Lifecycle?.PreStop.Sleep.Seconds ?? 0;
            Assert.InRange(
                workload.Pod.TerminationGracePeriodSeconds!.Value,
                before + shutdown + 5,
                120
            );
        }
    }

    [OverlayFact]
    public void Two_clusters_have_names_of_their_own()
    {
        var overlay = Overlay.Of(Overlay.TwoClusters);
        foreach (var key in new[] { "Orchestra__Cluster__Id", "Orchestra__Cluster__ServiceId" })
            Assert.Equal(
                ["a", "b"],
                overlay
                    .Workloads.Where(workload => workload.Object is V1Deployment)
                    .Select(workload => DeployedSettings.Of(overlay, workload)[key])
                    .Distinct()
                    .Order()
            );
        Assert.Equal(
            overlay.All<V1Ingress>().Count(),
            overlay.All<V1Ingress>().Select(it => it.Spec.Rules.Single().Host).Distinct().Count()
        );
    }

    /// <summary>The other way round: whoever deploys finds every setting, in a manifest or on the page.</summary>
    [Fact]
    public void Every_setting_of_the_application_is_in_the_page_for_operators()
    {
        var documented = MarkdownTable
            .Below("deploy/operating.md", "## Settings")
            .Concat(MarkdownTable.Below("deploy/operating.md", "## Contents in a bucket"))
            .SelectMany(row => KeysOf(row[0]))
            .ToList();
        Assert.Equal(
            KnownKeys.All.Where(key => !key.StartsWith("Orchestra:DevicePriorities:")).Order(),
            documented.Where(key => key != "Orchestra:DevicePriorities").Order()
        );
    }

    /// <summary><c>`Orchestra:Cluster:AliveSeconds`, `RefreshSeconds`</c> names two of one section.</summary>
    private static IEnumerable<string> KeysOf(string cell)
    {
        var section = "";
        foreach (var name in MarkdownTable.Code(cell))
        {
            if (name.StartsWith(KnownKeys.Root, StringComparison.Ordinal))
                section = name[..name.LastIndexOf(':')];
            yield return name.StartsWith(KnownKeys.Root, StringComparison.Ordinal)
                ? name
                : $"{section}:{name}";
        }
    }
}
