using System.Diagnostics;
using Orchestra.Tests.House;

namespace Orchestra.Tests.Deploy;

/// <summary>The folder that <c>tests/kubernetes.sh</c> prints, by way of the environment.</summary>
internal static class KubernetesTools
{
    public const string Variable = "ORCHESTRA_TEST_KUBERNETES";

    private static readonly string? Root = Environment.GetEnvironmentVariable(Variable)
        is { Length: > 0 } root
        ? root
        : null;

    /// <summary>Null = there is none.</summary>
    public static string? Kubectl => Find("kubectl");

    /// <summary>Node's modules with the schemas of the API's objects; null = there are none.</summary>
    public static string? Schemas => Find("node_modules");

    /// <summary>What an overlay renders to, as YAML documents.</summary>
    /// <exception cref="InvalidOperationException">With what kubectl says of it.</exception>
    public static string Kustomize(string overlay)
    {
        var folder = Path.Combine(Repository.Root, "deploy/kubernetes/overlays", overlay);
        var (code, output) = Run(Kubectl!, ["kustomize", folder]);
        return code == 0 ? output : throw new InvalidOperationException(output);
    }

    /// <summary>Runs a program to its end.</summary>
    public static (int Code, string Output) Run(
        string program,
        IEnumerable<string> arguments,
        string input = "",
        params (string Name, string Value)[] environment
    )
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var (name, value) in environment)
            start.Environment[name] = value;
        using var process = Process.Start(start)!;
        var errors = process.StandardError.ReadToEndAsync();
        process.StandardInput.Write(input);
        process.StandardInput.Close();
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, output + errors.GetAwaiter().GetResult());
    }

    private static string? Find(string name) =>
        Root is null ? null
        : Path.Combine(Root, name) is var path && Path.Exists(path) ? path
        : null;
}

/// <summary>A test of what an overlay renders to, once for each overlay; skipped without kubectl.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class OverlayTheoryAttribute : TheoryAttribute
{
    public OverlayTheoryAttribute()
    {
        if (KubernetesTools.Kubectl is null)
            Skip = $"{KubernetesTools.Variable} names no folder with kubectl";
    }
}

/// <inheritdoc cref="OverlayTheoryAttribute"/>
[AttributeUsage(AttributeTargets.Method)]
public sealed class OverlayFactAttribute : FactAttribute
{
    public OverlayFactAttribute() => Skip = new OverlayTheoryAttribute().Skip;
}
