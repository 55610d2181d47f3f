using k8s;
using k8s.Models;

namespace Orchestra.Tests.Deploy;

/// <summary>Every pod keeps to Kubernetes' restricted standard, and to more that is our own.</summary>
public sealed class PodSecurityTests
{
    public static TheoryData<string> Overlays => Overlay.Names;

    [OverlayTheory]
    [MemberData(nameof(Overlays))]
    public void Pods_are_restricted(string name)
    {
        var overlay = Overlay.Of(name);
        Assert.All(overlay.Workloads, workload => Assert.Empty(FaultsOf(workload.Pod)));
        Assert.All(
            overlay.All<V1Namespace>(),
            space =>
                Assert.Equal("restricted", space.Labels()["pod-security.kubernetes.io/enforce"])
        );
        Assert.Equal(
            overlay.Namespaces.Order(),
            overlay.All<V1Namespace>().Select(space => space.Name()).Order()
        );
    }

    [OverlayTheory]
    [MemberData(nameof(Overlays))]
    public void Memory_has_a_limit_and_CPU_has_none(string name) =>
        Assert.All(
            Overlay.Of(name).Workloads,
            workload =>
            {
                var resources = workload.Container.Resources;
                Assert.Equal(["memory"], resources.Limits.Keys);
                Assert.Equal(["cpu", "memory"], resources.Requests.Keys.Order());
            }
        );

    public static TheoryData<string, Action<V1PodSpec>> Breaches =>
        new()
        {
            { "hostNetwork", pod => pod.HostNetwork = true },
            { "hostPID", pod => pod.HostPID = true },
            { "root", pod => pod.SecurityContext.RunAsUser = 0 },
            { "root", pod => pod.SecurityContext.RunAsNonRoot = null },
            { "root", pod => pod.Containers[0].SecurityContext.RunAsUser = 0 },
            { "root", pod => pod.Containers[0].SecurityContext.RunAsNonRoot = false },
            { "seccomp", pod => pod.SecurityContext.SeccompProfile = null },
            { "seccomp", pod => pod.SecurityContext.SeccompProfile.Type = "Unconfined" },
            {
                "escalation",
                pod => pod.Containers[0].SecurityContext.AllowPrivilegeEscalation = null
            },
            { "privileged", pod => pod.Containers[0].SecurityContext.Privileged = true },
            {
                "capabilities",
                pod => pod.Containers[0].SecurityContext.Capabilities.Drop = ["NET_RAW"]
            },
            {
                "capabilities",
                pod => pod.Containers[0].SecurityContext.Capabilities.Add = ["SYS_ADMIN"]
            },
            {
                "root folder",
                pod => pod.Containers[0].SecurityContext.ReadOnlyRootFilesystem = false
            },
            { "hostPort", pod => pod.Containers[0].Ports[0].HostPort = 8080 },
            {
                "volume",
                pod =>
                    pod.Volumes[^1] = new()
                    {
                        Name = "x",
                        HostPath = new() { Path = "/" },
                    }
            },
            { "token", pod => pod.AutomountServiceAccountToken = null },
            { "init container", pod => pod.InitContainers = [new() { Name = "x" }] },
        };

    [OverlayTheory]
    [MemberData(nameof(Breaches))]
    public void A_breach_is_noticed(string fault, Action<V1PodSpec> breach)
    {
        var yaml = Overlay.Of(Overlay.Production).Text;
        var gateway = Overlay.Load(yaml).OfType<V1Deployment>().First();
        breach(gateway.Spec.Template.Spec);
        Assert.Contains(fault, FaultsOf(gateway.Spec.Template.Spec));
    }

    private static IEnumerable<string> FaultsOf(V1PodSpec pod)
    {
        if (pod.HostNetwork == true)
            yield return "hostNetwork";
        if (pod.HostPID == true || pod.HostIPC == true)
            yield return "hostPID";
        if (pod.SecurityContext is not { RunAsNonRoot: true, RunAsUser: > 0, Sysctls: null })
            yield return "root";
        if (pod.SecurityContext?.SeccompProfile?.Type is not "RuntimeDefault")
            yield return "seccomp";
        if (pod.Volumes.Any(volume => !IsAllowed(volume)))
            yield return "volume";
        if (pod.AutomountServiceAccountToken is not false)
            yield return "token";
        if (pod.InitContainers is { Count: > 0 } || pod.EphemeralContainers is { Count: > 0 })
            yield return "init container";
        foreach (var fault in pod.Containers.SelectMany(FaultsOf))
            yield return fault;
    }

    private static IEnumerable<string> FaultsOf(V1Container container)
    {
        var context = container.SecurityContext;
        if (context.RunAsNonRoot == false || context.RunAsUser == 0)
            yield return "root";
        if (context.SeccompProfile is not null)
            yield return "seccomp";
        if (context.AllowPrivilegeEscalation is not false)
            yield return "escalation";
        if (context.Privileged == true || context.ProcMount is not null)
            yield return "privileged";
        if (context.Capabilities is not { Drop: ["ALL"], Add: null })
            yield return "capabilities";
        if (context.ReadOnlyRootFilesystem != true)
            yield return "root folder";
        if ((container.Ports ?? []).Any(port => port.HostPort is > 0))
            yield return "hostPort";
    }

    /// <summary>A folder that goes with the pod, or what the API server hands out.</summary>
    private static bool IsAllowed(V1Volume volume) =>
        volume.EmptyDir is not null || volume.ConfigMap is not null || volume.Projected is not null;
}
