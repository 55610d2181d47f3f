using System.Net;
using k8s.Models;

namespace Orchestra.Tests.Deploy;

/// <summary>Everything that may be said between any two, on any port that somebody listens on.</summary>
public sealed class PolicyTests
{
    private static readonly (int Port, string Protocol)[] Ports =
    [
        (53, "UDP"),
        (53, "TCP"),
        (80, "TCP"),
        (443, "TCP"),
        (5432, "TCP"),
        (6379, "TCP"),
        (8080, "TCP"),
        (8081, "TCP"),
        (11111, "TCP"),
    ];

    /// <summary>Of every overlay: what its pods need, and what Orleans is.</summary>
    private static readonly string[] Always =
    [
        "gateway > dns:53",
        "gateway > dns:53/UDP",
        "gateway > gateway:11111",
        "gateway > internet:443",
        "gateway > internet6:443",
        "gateway > postgres:5432",
        "gateway > silo:11111",
        "ingress > gateway:8080",
        "metrics > gateway:8081",
        "metrics > silo:8081",
        "migrate > dns:53",
        "migrate > dns:53/UDP",
        "migrate > postgres:5432",
        "silo > dns:53",
        "silo > dns:53/UDP",
        "silo > gateway:11111",
        "silo > internet:443",
        "silo > internet6:443",
        "silo > postgres:5432",
        "silo > silo:11111",
    ];

    private static readonly string[] WithRedis = ["gateway > redis:6379", "silo > redis:6379"];

    [OverlayFact]
    public void In_a_small_cluster() => AssertAllowed(Overlay.Single, Always);

    [OverlayFact]
    public void In_production() => AssertAllowed(Overlay.Production, [.. Always, .. WithRedis]);

    [OverlayFact]
    public void Between_two_clusters_nothing_is()
    {
        var map = MapOf(Overlay.Of(Overlay.TwoClusters));
        var (a, b) = (OursIn("orchestra-a").ToList(), OursIn("orchestra-b").ToList());
        Assert.Equal((3, 2), (a.Count, b.Count));
        foreach (var from in a)
        foreach (var to in b)
        foreach (var (port, protocol) in Ports)
        {
            Assert.False(
                map.MayTalk(from, to, port, protocol),
                $"a {from.Name} > b {to.Name}:{port}"
            );
            Assert.False(
                map.MayTalk(to, from, port, protocol),
                $"b {to.Name} > a {from.Name}:{port}"
            );
        }
        foreach (var cluster in new[] { "orchestra-a", "orchestra-b" })
            Assert.Equal(
                [
                    .. Always
                        .Concat(WithRedis)
                        .Where(line => !line.StartsWith("migrate "))
                        .Order(StringComparer.Ordinal),
                ],
                Allowed(map, cluster).Where(line => !line.StartsWith("migrate "))
            );

        IEnumerable<Peer> OursIn(string space) => Ours(Overlay.TwoClusters, space);
    }

    /// <summary>A table of what is allowed must lose a line with each policy that is taken away.</summary>
    [OverlayFact]
    public void No_policy_is_idle()
    {
        var all = Overlay.Of(Overlay.Production).All<V1NetworkPolicy>().ToList();
        var complete = Allowed(new(all), "orchestra").ToList();
        Assert.All(
            all,
            policy =>
                Assert.NotEqual(complete, Allowed(new([.. all.Except([policy])]), "orchestra"))
        );
    }

    private static void AssertAllowed(string overlay, string[] expected) =>
        Assert.Equal(
            expected.Order(StringComparer.Ordinal),
            Allowed(MapOf(Overlay.Of(overlay)), "orchestra", overlay)
        );

    private static PolicyMap MapOf(Overlay overlay) => new([.. overlay.All<V1NetworkPolicy>()]);

    /// <summary>Pairs of which one end is ours; what others say to each other is not.</summary>
    private static IEnumerable<string> Allowed(
        PolicyMap map,
        string space,
        string overlay = Overlay.Production
    )
    {
        var ours = Ours(overlay == Overlay.Single ? overlay : Overlay.Production, "orchestra")
            .Select(peer => peer with { Namespace = space })
            .Append(Pod("stranger", space))
            .ToList();
        Peer[] others =
        [
            Pod("ingress", "ingress", "orchestra/ingress"),
            Pod("metrics", "monitoring", "orchestra/metrics"),
            Pod("postgres", "postgres", "orchestra/postgres"),
            Pod("redis", "redis", "orchestra/redis"),
            Pod("other", "other"),
            Pod("kube-system", "kube-system"),
            Pod("dns", "kube-system") with
            {
                Labels = new Dictionary<string, string> { ["k8s-app"] = "kube-dns" },
            },
            Outside("internet", "203.0.113.9"),
            Outside("internet6", "2001:db8::9"),
            Outside("inside", "10.1.2.3"),
            Outside("inside6", "fd00::9"),
            Outside("machine", "169.254.169.254"),
        ];
        return from a in ours.Concat(others)
            from b in ours.Concat(others)
            where ours.Contains(a) || ours.Contains(b)
            from open in Ports
            where map.MayTalk(a, b, open.Port, open.Protocol)
            let line = $"{a.Name} > {b.Name}:{open.Port}" + (open.Protocol == "UDP" ? "/UDP" : "")
            orderby line
            select line;
    }

    private static IEnumerable<Peer> Ours(string overlay, string space) =>
        Overlay
            .Of(overlay)
            .Workloads.Where(workload => workload.Namespace == space)
            .Select(workload => new Peer(
                workload.Name.Split('-')[0],
                space,
                Named(space),
                workload.Labels.AsReadOnly(),
                Ports: (workload.Container.Ports ?? []).ToDictionary(
                    port => port.Name,
                    port => port.ContainerPort
                )
            ));

    private static Peer Pod(string name, string space, string? label = null)
    {
        var labels = Named(space);
        if (label is not null)
            labels[label] = "true";
        return new(name, space, labels, new Dictionary<string, string> { ["app"] = name });
    }

    private static Peer Outside(string name, string address) =>
        new(
            name,
            null,
            new Dictionary<string, string>(),
            new Dictionary<string, string>(),
            IPAddress.Parse(address)
        );

    private static Dictionary<string, string> Named(string space) =>
        new() { ["kubernetes.io/metadata.name"] = space };
}
