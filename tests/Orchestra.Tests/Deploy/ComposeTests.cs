using System.Globalization;
using System.Net;
using Orchestra.Silo.Configuration;
using Orchestra.Tests.House;
using YamlDotNet.Core;
using YamlDotNet.Serialization;

namespace Orchestra.Tests.Deploy;

/// <summary>What <c>deploy/compose.yaml</c> names is there, and the server takes its settings.</summary>
public sealed class ComposeTests : IDisposable
{
    private static readonly Dictionary<object, object> File = Parse();

    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("orchestra-compose-");

    public void Dispose() => folder.Delete(recursive: true);

    [Theory]
    [InlineData("silo")]
    [InlineData("gateway")]
    public void A_silo_would_start_with_its_settings(string name)
    {
        var secrets = MakeSecrets();
        var service = Map(Services[name]);
        var settings = Map(service["environment"])
            .ToDictionary(
                pair => $"{pair.Key}",
                pair =>
                    pair.Key is "Orchestra__Jwt__Authority" ? "https://idp.example"
                    : pair.Key is "Orchestra__Jwt__Audience" ? "orchestra"
                    : $"{pair.Value}"
            );
        Assert.Equal("/run/secrets", settings["Orchestra__SecretsDirectory"]);
        foreach (var (source, target) in SecretsOf(service))
            settings.Add(target, secrets[source]);
        var read = SiloSettings.Read(
            DeployedSettings.ToConfiguration(settings),
            isDevelopment: false
        );
        Assert.Equal(name == "silo", read.HasSync);
        Assert.Equal(name == "gateway", read.Gateway is not null);
        Assert.False(read.NeedsDataDirectory);
        Assert.True(read.Contents.AreKept);

        var period = TimeSpan.FromSeconds(
            int.Parse($"{service["stop_grace_period"]}".TrimEnd('s'), CultureInfo.InvariantCulture)
        );
        Assert.InRange(period, read.Shutdown + TimeSpan.FromSeconds(5), TimeSpan.FromMinutes(2));

        var pool = Map(
            ((List<object>)Map(Map(Map(File["networks"])["data"])["ipam"])["config"])[0]
        );
        var address = $"{Map(Map(service["networks"])["data"])["ipv4_address"]}";
        Assert.Equal(address, read.Cluster.Address.ToString());
        Assert.True(IPNetwork.Parse($"{pool["subnet"]}").Contains(read.Cluster.Address));
        Assert.False(IPNetwork.Parse($"{pool["ip_range"]}").Contains(read.Cluster.Address));
    }

    [Fact]
    public void The_migration_has_a_login_that_may_make_roles()
    {
        var secrets = MakeSecrets();
        var (source, target) = Assert.Single(SecretsOf(Map(Services["migrate"])));
        Assert.Equal("Orchestra__Postgres__ConnectionString", target);
        Assert.Contains("Username=postgres;", secrets[source]);
        Assert.EndsWith($"Password={secrets["superuser"]}", secrets[source]);
    }

    [Fact]
    public void Secrets_are_made_once_and_are_those_that_are_asked_for()
    {
        var secrets = MakeSecrets();
        Assert.Equal(secrets, MakeSecrets());
        Assert.Equal(
            Map(File["secrets"]).Select(pair => $"./secrets/{pair.Key}").Order(),
            Map(File["secrets"]).Values.Select(secret => $"{Map(secret)["file"]}").Order()
        );
        Assert.Equal(
            secrets.Keys.Order(),
            Map(File["secrets"]).Keys.Select(key => $"{key}").Order()
        );
        Assert.Equal(secrets.Count, secrets.Values.Distinct().Count());
        Assert.Equal(
            secrets.Keys.Order(),
            Services
                .Values.SelectMany(service => SecretsOf(Map(service)))
                .Select(secret => secret.Source)
                .Distinct()
                .Order()
        );
    }

    [Fact]
    public void What_a_service_names_is_there()
    {
        foreach (var service in Services.Values.Select(Map))
        {
            Assert.All(KeysOf(service, "depends_on"), name => Assert.Contains(name, Services.Keys));
            Assert.All(
                KeysOf(service, "networks"),
                name => Assert.Contains(name, Map(File["networks"]).Keys)
            );
            foreach (
                var volume in KeysOf(service, "volumes").Select(name => $"{name}".Split(':')[0])
            )
                if (volume.StartsWith('.'))
                    Assert.True(
                        Path.Exists(Path.Combine(Repository.Root, "deploy", volume)),
                        volume
                    );
                else
                    Assert.Contains(volume, Map(File["volumes"]).Keys);
        }
    }

    [Fact]
    public void Only_the_gateway_is_reached_from_outside_and_only_by_this_machine()
    {
        foreach (var (name, service) in Services.Select(pair => ($"{pair.Key}", Map(pair.Value))))
        {
            Assert.Equal(name == "gateway", service.ContainsKey("ports"));
            Assert.All(
                KeysOf(service, "ports"),
                port => Assert.StartsWith("127.0.0.1:", $"{port}", StringComparison.Ordinal)
            );
            Assert.Equal(name == "gateway", KeysOf(service, "networks").Contains("outside"));
        }
        Assert.Equal("true", Map(Map(File["networks"])["data"])["internal"]);
    }

    [Theory]
    [InlineData("migrate")]
    [InlineData("silo")]
    [InlineData("gateway")]
    public void Our_own_containers_can_do_little(string name)
    {
        var service = Map(Services[name]);
        Assert.Equal("1654:1654", service["user"]);
        Assert.Equal("true", service["read_only"]);
        Assert.Equal(["ALL"], (List<object>)service["cap_drop"]);
        Assert.Equal(["no-new-privileges:true"], (List<object>)service["security_opt"]);
        Assert.Contains("USER 1654:1654", Repository.Read("deploy/Containerfile"));
    }

    private static Dictionary<object, object> Services => Map(File["services"]);

    /// <summary>The script works beside its own folder; this is another.</summary>
    private Dictionary<string, string> MakeSecrets()
    {
        var script = Path.Combine(folder.CreateSubdirectory("compose").FullName, "secrets.sh");
        System.IO.File.Copy(
            Path.Combine(Repository.Root, "deploy/compose/secrets.sh"),
            script,
            overwrite: true
        );
        var (code, output) = KubernetesTools.Run("bash", [script]);
        Assert.True(code == 0, output);
        return Directory
            .EnumerateFiles(Path.Combine(folder.FullName, "secrets"))
            .ToDictionary(path => Path.GetFileName(path), System.IO.File.ReadAllText);
    }

    private static IEnumerable<(string Source, string Target)> SecretsOf(
        Dictionary<object, object> service
    ) =>
        service.TryGetValue("secrets", out var list)
            ? ((List<object>)list).Select(item =>
                item is string name
                    ? (name, name)
                    : ($"{Map(item)["source"]}", $"{Map(item)["target"]}")
            )
            : [];

    /// <summary>Of a list or a mapping, both of which Compose takes.</summary>
    private static IEnumerable<object> KeysOf(Dictionary<object, object> service, string name) =>
        !service.TryGetValue(name, out var value) ? []
        : value is List<object> list ? list
        : Map(value).Keys;

    private static Dictionary<object, object> Map(object value) =>
        (Dictionary<object, object>)value;

    private static Dictionary<object, object> Parse()
    {
        using var text = new StringReader(Repository.Read("deploy/compose.yaml"));
        return new DeserializerBuilder()
            .Build()
            .Deserialize<Dictionary<object, object>>(new MergingParser(new Parser(text)));
    }
}
