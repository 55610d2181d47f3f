using k8s;
using k8s.Models;
using Microsoft.Extensions.Configuration;

namespace Orchestra.Tests.Deploy;

/// <summary>The settings that a container of a manifest has, with stand-ins for secrets.</summary>
internal static class DeployedSettings
{
    /// <summary>What operators put into the secrets, as far as the silo looks at it before it starts.</summary>
    private static readonly Dictionary<string, string> Secrets = new()
    {
        ["Orchestra__Postgres__ConnectionString"] = Login("orchestra_app"),
        ["Orchestra__Postgres__MaintenanceConnectionString"] = Login("orchestra_maintenance"),
        ["Orchestra__Cluster__ConnectionString"] = Login("orchestra_gateway"),
        ["Orchestra__Redis__ConnectionString"] = "redis:6379,ssl=true,user=silo,password=x",
        ["Orchestra__Contents__S3__AccessKey"] = "key",
        ["Orchestra__Contents__S3__SecretKey"] = "secret",
    };

    private static readonly Dictionary<string, string> Fields = new()
    {
        ["status.podIP"] = "10.1.2.3",
        ["metadata.name"] = "silo-7d9f8-x2x4v",
    };

    /// <summary>By the names of environment variables; files of the folder of secrets included.</summary>
    public static Dictionary<string, string> Of(Overlay overlay, Workload workload)
    {
        var settings = new Dictionary<string, string>();
        foreach (var source in workload.Container.EnvFrom ?? [])
        {
            var map = overlay
                .All<V1ConfigMap>()
                .Single(map =>
                    map.Namespace() == workload.Namespace && map.Name() == source.ConfigMapRef.Name
                );
            foreach (var (key, value) in map.Data)
                settings.Add(key, value);
        }
        foreach (var variable in workload.Container.Env)
            settings.Add(
                variable.Name,
                variable.Value ?? Fields[variable.ValueFrom.FieldRef.FieldPath]
            );
        foreach (var path in SecretPathsOf(workload))
            settings.Add(path, Secrets[path]);
        return settings;
    }

    /// <summary>Names of the files in the folder of secrets.</summary>
    public static IEnumerable<string> SecretPathsOf(Workload workload) =>
        workload
            .Pod.Volumes.SelectMany(volume => volume.Projected?.Sources ?? [])
            .SelectMany(source => source.Secret.Items)
            .Select(item => item.Path);

    public static string SecretOf(string path) => Secrets[path];

    public static IConfiguration ToConfiguration(IReadOnlyDictionary<string, string> variables) =>
        new ConfigurationBuilder()
            .AddInMemoryCollection(
                variables.Select(pair => KeyValuePair.Create(KeyOf(pair.Key), (string?)pair.Value))
            )
            .Build();

    public static string KeyOf(string variable) =>
        variable.Replace("__", ":", StringComparison.Ordinal);

    private static string Login(string role) =>
        $"Host=db;Database=orchestra;Username={role};Password=x;SSL Mode=VerifyFull";
}
