using System.Net;
using k8s;
using k8s.Models;

namespace Orchestra.Tests.Deploy;

/// <summary>Somebody on the network.</summary>
/// <param name="Name">For people.</param>
/// <param name="Namespace">Null = outside the cluster.</param>
/// <param name="NamespaceLabels">Of its namespace.</param>
/// <param name="Labels">Of its pod.</param>
/// <param name="Address">For those that are known by it alone.</param>
/// <param name="Ports">Names of its ports.</param>
internal sealed record Peer(
    string Name,
    string? Namespace,
    IReadOnlyDictionary<string, string> NamespaceLabels,
    IReadOnlyDictionary<string, string> Labels,
    IPAddress? Address = null,
    IReadOnlyDictionary<string, int>? Ports = null
);

/// <summary>Who may talk to whom, computed the way Kubernetes defines network policies.</summary>
internal sealed class PolicyMap(IReadOnlyList<V1NetworkPolicy> policies)
{
    /// <summary>Both ends must allow it; an end that no policy is about allows everything.</summary>
    public bool MayTalk(Peer from, Peer to, int port, string protocol = "TCP")
    {
        var leaving = About(from, "Egress").ToList();
        var entering = About(to, "Ingress").ToList();
        return (
                leaving.Count == 0
                || leaving
                    .SelectMany(policy => (policy.Spec.Egress ?? []).Select(rule => (policy, rule)))
                    .Any(it =>
                        IsAmong(it.policy, it.rule.To, to)
                        && IsOpen(it.rule.Ports, to, port, protocol)
                    )
            )
            && (
                entering.Count == 0
                || entering
                    .SelectMany(policy =>
                        (policy.Spec.Ingress ?? []).Select(rule => (policy, rule))
                    )
                    .Any(it =>
                        IsAmong(it.policy, it.rule.FromProperty, from)
                        && IsOpen(it.rule.Ports, to, port, protocol)
                    )
            );
    }

    private IEnumerable<V1NetworkPolicy> About(Peer peer, string direction) =>
        policies.Where(policy =>
            policy.Namespace() == peer.Namespace
            && policy.Spec.PodSelector.Selects(peer.Labels)
            && policy.Spec.PolicyTypes.Contains(direction)
        );

    /// <summary>A rule without peers is about everybody.</summary>
    private static bool IsAmong(
        V1NetworkPolicy policy,
        IList<V1NetworkPolicyPeer>? peers,
        Peer peer
    ) => peers is null or { Count: 0 } || peers.Any(known => Means(policy, known, peer));

    private static bool Means(V1NetworkPolicy policy, V1NetworkPolicyPeer known, Peer peer)
    {
        if (known.IpBlock is { } block)
            return peer.Address is { } address
                && IPNetwork.Parse(block.Cidr).Contains(address)
                && !(block.Except ?? []).Any(part => IPNetwork.Parse(part).Contains(address));
        if (peer.Namespace is null)
            return false;
        return (
                known.NamespaceSelector is { } spaces
                    ? spaces.Selects(peer.NamespaceLabels)
                    : peer.Namespace == policy.Namespace()
            ) && (known.PodSelector is null || known.PodSelector.Selects(peer.Labels));
    }

    /// <summary>A name means the port of whoever is called.</summary>
    private static bool IsOpen(
        IList<V1NetworkPolicyPort>? ports,
        Peer to,
        int port,
        string protocol
    ) =>
        ports is null or { Count: 0 }
        || ports.Any(open =>
            (open.Protocol ?? "TCP") == protocol
            && (
                int.TryParse(open.Port.Value, out var number)
                    ? number == port
                    : to.Ports?.GetValueOrDefault(open.Port.Value) == port
            )
        );
}
