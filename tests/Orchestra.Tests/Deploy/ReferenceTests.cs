using k8s;
using k8s.Models;
using Orchestra.Tests.House;

namespace Orchestra.Tests.Deploy;

/// <summary>Whatever a manifest names is there: objects, ports, volumes, pods that a selector means.</summary>
public sealed class ReferenceTests
{
    public static TheoryData<string> Overlays => Overlay.Names;

    [OverlayTheory]
    [MemberData(nameof(Overlays))]
    public void A_pod_has_its_settings_account_and_volumes(string name)
    {
        var overlay = Overlay.Of(name);
        foreach (var workload in overlay.Workloads)
        {
            Assert.True(Has<V1ServiceAccount>(overlay, workload, workload.Pod.ServiceAccountName));
            foreach (var source in workload.Container.EnvFrom ?? [])
                Assert.True(Has<V1ConfigMap>(overlay, workload, source.ConfigMapRef.Name));
            var volumes = workload.Pod.Volumes.Select(volume => volume.Name).ToList();
            Assert.Equal(
                volumes.Order(),
                workload.Container.VolumeMounts.Select(mount => mount.Name).Order()
            );
        }
    }

    /// <summary>What nobody but an operator can make is told of where operators read.</summary>
    [OverlayTheory]
    [MemberData(nameof(Overlays))]
    public void What_an_overlay_does_not_bring_is_in_the_page_for_operators(string name)
    {
        var page = Repository.Read("deploy/operating.md");
        var overlay = Overlay.Of(name);
        foreach (var volume in overlay.Workloads.SelectMany(workload => workload.Pod.Volumes))
        {
            foreach (var source in volume.Projected?.Sources ?? [])
            {
                Assert.Contains($"`{source.Secret.Name}`", page);
                Assert.All(source.Secret.Items, item => Assert.Contains($"`{item.Key}`", page));
            }
            if (volume.ConfigMap is { } map)
            {
                Assert.True(map.Optional);
                Assert.Contains($"`{map.Name}`", page);
            }
        }
        var strangers = overlay
            .All<V1NetworkPolicy>()
            .SelectMany(policy =>
                (policy.Spec.Ingress ?? [])
                    .SelectMany(rule => rule.FromProperty)
                    .Concat((policy.Spec.Egress ?? []).SelectMany(rule => rule.To))
            )
            .SelectMany(peer => peer.NamespaceSelector?.MatchLabels.Keys ?? [])
            .Where(label => label != "kubernetes.io/metadata.name");
        Assert.All(strangers, label => Assert.Contains($"`{label}`", page));
        Assert.All(
            overlay.All<V1Ingress>().SelectMany(ingress => ingress.Spec.Tls),
            tls => Assert.Contains($"`{tls.SecretName}`", page)
        );
    }

    [OverlayTheory]
    [MemberData(nameof(Overlays))]
    public void Selectors_mean_pods_that_there_are(string name)
    {
        var overlay = Overlay.Of(name);
        foreach (var deployment in overlay.All<V1Deployment>())
        {
            Assert.Equal(
                [deployment.Name()],
                Selected(overlay, deployment, deployment.Spec.Selector)
            );
            foreach (var spread in deployment.Spec.Template.Spec.TopologySpreadConstraints)
                Assert.Equal(
                    [deployment.Name()],
                    Selected(overlay, deployment, spread.LabelSelector)
                );
            Assert.Equal(
                ["kubernetes.io/hostname", "topology.kubernetes.io/zone"],
                deployment
                    .Spec.Template.Spec.TopologySpreadConstraints.Select(spread =>
                        spread.TopologyKey
                    )
                    .Order()
            );
        }
        foreach (var budget in overlay.All<V1PodDisruptionBudget>())
        {
            Assert.Equal([budget.Name()], Selected(overlay, budget, budget.Spec.Selector));
            Assert.Equal("1", budget.Spec.MaxUnavailable.Value);
        }
        Assert.Equal(
            overlay.All<V1Deployment>().Count(),
            overlay.All<V1PodDisruptionBudget>().Count()
        );
        foreach (var policy in overlay.All<V1NetworkPolicy>())
            Assert.NotEmpty(Selected(overlay, policy, policy.Spec.PodSelector));
    }

    [OverlayTheory]
    [MemberData(nameof(Overlays))]
    public void Services_and_the_ingress_lead_to_ports_that_there_are(string name)
    {
        var overlay = Overlay.Of(name);
        foreach (var service in overlay.All<V1Service>())
        foreach (var port in service.Spec.Ports)
        {
            var selector = new V1LabelSelector { MatchLabels = service.Spec.Selector };
            Assert.Contains(
                overlay.Workloads,
                workload =>
                    workload.Namespace == service.Namespace()
                    && selector.Selects(workload)
                    && (workload.Container.Ports ?? []).Any(known =>
                        known.Name == port.TargetPort.Value
                    )
            );
        }
        foreach (var ingress in overlay.All<V1Ingress>())
        {
            var rule = ingress.Spec.Rules.Single();
            Assert.Equal([rule.Host], ingress.Spec.Tls.Single().Hosts);
            var backend = rule.Http.Paths.Single().Backend.Service;
            var service = overlay
                .All<V1Service>()
                .Single(service =>
                    service.Namespace() == ingress.Namespace() && service.Name() == backend.Name
                );
            Assert.Contains(service.Spec.Ports, port => port.Name == backend.Port.Name);
        }
    }

    [OverlayTheory]
    [MemberData(nameof(Overlays))]
    public void Probes_ask_the_admin_listener_for_what_it_answers(string name)
    {
        string[] paths = ["/health/live", "/health/ready", "/health/startup"];
        foreach (
            var deployment in Overlay.Of(name).Workloads.Where(item => item.Object is V1Deployment)
        )
        {
            var container = deployment.Container;
            V1Probe[] probes =
            [
                container.StartupProbe,
                container.LivenessProbe,
                container.ReadinessProbe,
            ];
            Assert.All(probes, probe => Assert.Equal("admin", probe.HttpGet.Port.Value));
            Assert.All(probes, probe => Assert.Contains(probe.HttpGet.Path, paths));
            Assert.Equal("/health/live", container.LivenessProbe.HttpGet.Path);
        }
    }

    [OverlayFact]
    public void Autoscalers_scale_what_there_is_by_what_it_requests()
    {
        var overlay = Overlay.Of(Overlay.Production);
        var scalers = overlay.All<V2HorizontalPodAutoscaler>().ToList();
        Assert.Equal(["gateway", "silo"], scalers.Select(scaler => scaler.Name()).Order());
        foreach (var scaler in scalers)
        {
            var target = scaler.Spec.ScaleTargetRef;
            var deployment = overlay
                .All<V1Deployment>()
                .Single(it => it.Namespace() == scaler.Namespace() && it.Name() == target.Name);
            Assert.Equal(
                (deployment.ApiVersion, deployment.Kind),
                (target.ApiVersion, target.Kind)
            );
            // A number in the manifest would undo what the autoscaler did, at every apply.
            Assert.Null(deployment.Spec.Replicas);
            Assert.True(
                deployment
                    .Spec.Template.Spec.Containers.Single()
                    .Resources.Requests.ContainsKey("cpu")
            );
            Assert.InRange(scaler.Spec.MinReplicas!.Value, 2, scaler.Spec.MaxReplicas);
        }
        var silo = scalers.Single(scaler => scaler.Name() == "silo").Spec.Behavior;
        Assert.InRange(silo.ScaleUp.StabilizationWindowSeconds!.Value, 300, 3600);
        Assert.InRange(silo.ScaleDown.StabilizationWindowSeconds!.Value, 900, 3600);
    }

    /// <summary>The image, and the Job that is one for each version: the newest of the changelog.</summary>
    [OverlayTheory]
    [MemberData(nameof(Overlays))]
    public void Everything_is_of_this_version(string name)
    {
        var version = Repository.Read("CHANGELOG.md").Split("\n## [")[1].Split(']')[0];
        var overlay = Overlay.Of(name);
        Assert.All(
            overlay.Workloads,
            workload => Assert.EndsWith($"/orchestra:{version}", workload.Container.Image)
        );
        Assert.Equal($"migrate-{version}", overlay.All<V1Job>().Single().Name());
        Assert.Contains($"/orchestra:{version}", Repository.Read("deploy/compose.yaml"));
    }

    private static bool Has<T>(Overlay overlay, Workload workload, string name)
        where T : IKubernetesObject<V1ObjectMeta> =>
        overlay.All<T>().Any(item => item.Namespace() == workload.Namespace && item.Name() == name);

    private static IEnumerable<string> Selected(
        Overlay overlay,
        IKubernetesObject<V1ObjectMeta> by,
        V1LabelSelector selector
    ) =>
        overlay
            .Workloads.Where(workload =>
                workload.Namespace == by.Namespace() && selector.Selects(workload)
            )
            .Select(workload => workload.Name);
}
