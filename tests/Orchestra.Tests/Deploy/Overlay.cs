using System.Collections.Concurrent;
using k8s;
using k8s.Models;

namespace Orchestra.Tests.Deploy;

/// <summary>What an overlay renders to, in the API's own types.</summary>
internal sealed class Overlay
{
    public const string Single = "single";
    public const string Production = "production";
    public const string TwoClusters = "two-clusters";

    private static readonly ConcurrentDictionary<string, Lazy<Overlay>> Rendered = [];

    private readonly IReadOnlyList<IKubernetesObject<V1ObjectMeta>> documents;

    private Overlay(string name)
    {
        Text = KubernetesTools.Kustomize(name);
        documents = Load(Text);
    }

    public static TheoryData<string> Names => new(Single, Production, TwoClusters);

    public string Text { get; }

    /// <summary>Of everything that belongs into one; null among them is a mistake.</summary>
    public IEnumerable<string?> Namespaces =>
        documents
            .Where(document => document is not V1Namespace)
            .Select(document => document.Namespace())
            .Distinct();

    public IEnumerable<Workload> Workloads =>
        All<V1Deployment>()
            .Select(deployment => new Workload(deployment, deployment.Spec.Template))
            .Concat(All<V1Job>().Select(job => new Workload(job, job.Spec.Template)));

    public static Overlay Of(string name) =>
        Rendered.GetOrAdd(name, _ => new(() => new Overlay(name))).Value;

    public IEnumerable<T> All<T>() => documents.OfType<T>();

    /// <exception cref="Exception">An unknown field, a wrong type or a bad quantity.</exception>
    public static IReadOnlyList<IKubernetesObject<V1ObjectMeta>> Load(string yaml) =>
        [
            .. KubernetesYaml
                .LoadAllFromString(yaml, null, strict: true)
                .Cast<IKubernetesObject<V1ObjectMeta>>(),
        ];
}

/// <param name="Object">The Deployment or Job.</param>
/// <param name="Template">Of its pods.</param>
internal sealed record Workload(IKubernetesObject<V1ObjectMeta> Object, V1PodTemplateSpec Template)
{
    public string Name => Object.Name();

    public string Namespace => Object.Namespace();

    public V1PodSpec Pod => Template.Spec;

    public V1Container Container => Pod.Containers.Single();

    public IDictionary<string, string> Labels => Template.Metadata.Labels;

    public override string ToString() => $"{Namespace}/{Name}";

    /// <summary>A port by its name or number, as its container has it.</summary>
    public int PortOf(IntOrString port) =>
        int.TryParse(port.Value, out var number)
            ? number
            : Container.Ports.Single(known => known.Name == port.Value).ContainerPort;
}

internal static class Selectors
{
    /// <summary>An empty selector selects all; none selects nothing.</summary>
    public static bool Selects(
        this V1LabelSelector? selector,
        IReadOnlyDictionary<string, string> labels
    ) =>
        selector is not null
        && (selector.MatchLabels ?? new Dictionary<string, string>()).All(wanted =>
            labels.GetValueOrDefault(wanted.Key) == wanted.Value
        )
        && (selector.MatchExpressions ?? []).All(wanted =>
            wanted.OperatorProperty == "In"
                ? labels.TryGetValue(wanted.Key, out var value) && wanted.Values.Contains(value)
                : throw new NotSupportedException(wanted.OperatorProperty)
        );

    public static bool Selects(this V1LabelSelector? selector, Workload workload) =>
        selector.Selects(workload.Labels.AsReadOnly());
}
