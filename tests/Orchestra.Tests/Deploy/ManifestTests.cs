using Orchestra.Tests.House;

namespace Orchestra.Tests.Deploy;

/// <summary>Whether the API would read the manifests, as far as it can be known without one.</summary>
public sealed class ManifestTests
{
    public static TheoryData<string> Overlays => Overlay.Names;

    [OverlayTheory]
    [MemberData(nameof(Overlays))]
    public void Every_field_is_one_of_the_API_and_of_its_type(string name) =>
        Assert.NotEmpty(Overlay.Of(name).Workloads);

    /// <summary>Also where there is no kubectl.</summary>
    [Fact]
    public void So_is_every_field_of_the_files()
    {
        var files = Repository
            .Files(".yaml")
            .Where(path => path.StartsWith("deploy/kubernetes/", StringComparison.Ordinal))
            .Where(path => Repository.Read(path).Contains("\nkind: ", StringComparison.Ordinal))
            .Where(path => Path.GetFileName(path) != "kustomization.yaml")
            .ToList();
        Assert.InRange(files.Count, 8, int.MaxValue);
        Assert.All(files, path => Assert.NotEmpty(Overlay.Load(Repository.Read(path))));
    }

    [Theory]
    [InlineData("  minReadySeconds: 10\n", "  minReadySecond: 10\n")]
    [InlineData("  minReadySeconds: 10\n", "  minReadySeconds: soon\n")]
    [InlineData("              memory: 2Gi\n", "              memory: 2Gx\n")]
    [InlineData("kind: Deployment\n", "kind: Deploymint\n")]
    public void A_mistake_is_noticed(string right, string wrong)
    {
        var silo = Repository.Read("deploy/kubernetes/base/silo.yaml");
        Assert.Contains(right, silo, StringComparison.Ordinal);
        Assert.ThrowsAny<Exception>(() =>
            Overlay.Load(silo.Replace(right, wrong, StringComparison.Ordinal))
        );
    }

    [SchemaTheory]
    [MemberData(nameof(Overlays))]
    public void Every_field_that_the_API_requires_is_there(string name)
    {
        var (code, output) = Check(Overlay.Of(name).Text);
        Assert.True(code == 0, output);
    }

    [SchemaTheory]
    [InlineData("      containers:\n      - args:", "      containrs:\n      - args:")]
    [InlineData("  scaleTargetRef:\n", "  scaleTargetReference:\n")]
    [InlineData("    podSelector:", "    podSelect:")]
    public void One_that_is_missing_is_noticed(string right, string wrong)
    {
        var text = Overlay.Of(Overlay.Production).Text;
        Assert.Contains(right.Trim(), text, StringComparison.Ordinal);
        var (code, _) = Check(text.Replace(right.Trim(), wrong.Trim(), StringComparison.Ordinal));
        Assert.Equal(1, code);
    }

    private static (int Code, string Output) Check(string yaml) =>
        KubernetesTools.Run(
            "node",
            [Path.Combine(Repository.Root, "tests/kubernetes/check.cjs")],
            yaml,
            ("NODE_PATH", KubernetesTools.Schemas!)
        );

    /// <summary>Likewise, and skipped without the schemas.</summary>
    private sealed class SchemaTheoryAttribute : TheoryAttribute
    {
        public SchemaTheoryAttribute()
        {
            if (KubernetesTools.Kubectl is null || KubernetesTools.Schemas is null)
                Skip = $"{KubernetesTools.Variable} names no folder with kubectl and schemas";
        }
    }
}
