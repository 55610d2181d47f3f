using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using k8s;
using k8s.Models;
using Orchestra.TestKit.Postgres;
using Orchestra.TestKit.Processes;
using Orchestra.TestKit.Silos;

namespace Orchestra.Tests.Deploy;

/// <summary>
/// The silo and the gateway of the manifests as processes of this machine: with their settings, and as
/// far as a kernel can be told without a container engine, under their constraints. Seccomp is left out.
/// </summary>
public sealed class RestrictedPodTests : IAsyncLifetime
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("orchestra-pods-");
    private readonly List<ChildProcess> pods = [];
    private IdentityProvider provider = null!;

    public async Task InitializeAsync() => provider = await IdentityProvider.StartAsync();

    public async Task DisposeAsync()
    {
        foreach (var pod in pods)
            await pod.DisposeAsync();
        await provider.DisposeAsync();
        folder.Delete(recursive: true);
    }

    [RootFact]
    public async Task They_serve_a_push_and_end_in_time()
    {
        var database = await MigratedDatabase.CreateAsync();
        await database.MakeGatewayRoleAsync();
        var overlay = Overlay.Of(Overlay.Single);
        var silo = overlay.Workloads.Single(workload => workload.Name == "silo");
        var gateway = overlay.Workloads.Single(workload => workload.Name == "gateway");
        var siloAdmin = Start(overlay, silo, database, SiloPorts.Next());
        var port = SiloPorts.Next();
        var gatewayAdmin = Start(overlay, gateway, database, port);

        await AnswerAsync(siloAdmin, silo);
        await AnswerAsync(gatewayAdmin, gateway);
        await PushAsync(new Uri($"http://127.0.0.1:{port}"));
        foreach (var (admin, pod) in new[] { siloAdmin, gatewayAdmin }.Zip(pods))
        {
            using var http = new HttpClient { BaseAddress = admin };
            using var events = await http.GetAsync("/events");
            Assert.Equal(HttpStatusCode.Unauthorized, events.StatusCode);
            AssertRestricted(pod.Id, silo.Pod.SecurityContext.RunAsUser!.Value);
        }
        foreach (var (pod, workload) in pods.Zip([silo, gateway]).Reverse())
        {
            await pod.TerminateAsync();
            var grace = TimeSpan.FromSeconds(workload.Pod.TerminationGracePeriodSeconds!.Value);
            Assert.Equal(0, await pod.WaitForExitAsync(grace));
        }
    }

    /// <returns>Where its admin listener is.</returns>
    private Uri Start(Overlay overlay, Workload workload, MigratedDatabase database, int port)
    {
        var settings = DeployedSettings.Of(overlay, workload);
        var secrets = folder.CreateSubdirectory(workload.Name);
        foreach (var path in DeployedSettings.SecretPathsOf(workload))
        {
            settings.Remove(path);
            File.WriteAllText(Path.Combine(secrets.FullName, path), LoginOf(path, database));
        }
        var admin = new Uri($"http://127.0.0.1:{SiloPorts.Next()}");
        settings["Orchestra__Admin__Url"] = $"http://0.0.0.0:{admin.Port}";
        settings["Orchestra__Cluster__Address"] = "127.0.0.1";
        settings["Orchestra__Cluster__SiloPort"] = $"{SiloPorts.Next()}";
        if (settings.ContainsKey("Orchestra__Gateway__Url"))
            settings["Orchestra__Gateway__Url"] = $"http://0.0.0.0:{port}";
        if (settings.ContainsKey("Orchestra__Jwt__Authority"))
            foreach (var (key, value) in provider.Settings)
                settings[key.Replace(":", "__", StringComparison.Ordinal)] = value;
        // Nothing of the test's own environment goes in.
        string[] variables =
        [
            "PATH=/usr/sbin:/usr/bin:/sbin:/bin",
            .. settings.Select(pair => $"{pair.Key}={pair.Value}"),
        ];
        pods.Add(
            ChildProcess.StartProgram(
                "env",
                "/",
                new Dictionary<string, string>(),
                [
                    "--ignore-environment",
                    .. variables,
                    "unshare",
                    "--mount",
                    "sh",
                    Path.Combine(AppContext.BaseDirectory, "Processes/restricted-pod.sh"),
                    $"{workload.Pod.SecurityContext.RunAsUser}",
                    AppContext.BaseDirectory,
                    secrets.FullName,
                    settings["Orchestra__SecretsDirectory"],
                    .. workload.Container.Args,
                ]
            )
        );
        return admin;
    }

    private static string LoginOf(string path, MigratedDatabase database) =>
        database.ConnectionString(
            path switch
            {
                "Orchestra__Postgres__ConnectionString" => MigratedDatabase.App,
                "Orchestra__Postgres__MaintenanceConnectionString" => MigratedDatabase.Maintenance,
                "Orchestra__Cluster__ConnectionString" => MigratedDatabase.Gateway,
                _ => throw new ArgumentOutOfRangeException(nameof(path), path, null),
            }
        ) + "\n";

    /// <summary>Waits until each probe of the manifest is content.</summary>
    private async Task AnswerAsync(Uri admin, Workload workload)
    {
        using var http = new HttpClient { BaseAddress = admin };
        using var limit = new CancellationTokenSource(Patience);
        var container = workload.Container;
        foreach (
            var probe in new[]
            {
                container.StartupProbe,
                container.LivenessProbe,
                container.ReadinessProbe,
            }
        )
            while (true)
            {
                Assert.DoesNotContain(pods, pod => pod.HasExited);
                try
                {
                    using var answer = await http.GetAsync(probe.HttpGet.Path, limit.Token);
                    Assert.NotEqual(HttpStatusCode.NotFound, answer.StatusCode);
                    if (answer.IsSuccessStatusCode)
                        break;
                }
                catch (HttpRequestException)
                {
                    // It does not listen yet.
                }
                await Task.Delay(TimeSpan.FromMilliseconds(100), limit.Token);
            }
    }

    private async Task PushAsync(Uri gateway)
    {
        var owner = Guid.NewGuid();
        using var http = new HttpClient { BaseAddress = gateway };
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue(
            "Bearer",
            provider.Issue($"{owner}")
        );
        // The first push of an owner who is new makes him; then it can be asked which epoch it is.
        await PushAsync(http, owner, epoch: 0);
        var page = await http.GetFromJsonAsync<JsonElement>(
            $"/v1/changes?owner={owner}&epoch=0&since=0&limit=1"
        );
        var epoch = page.GetProperty("epoch").GetInt64();
        var pushed = await PushAsync(http, owner, epoch);
        var result = pushed.GetProperty("results").EnumerateArray().Single();
        Assert.Equal("applied", result.GetProperty("status").GetString());
        Assert.Contains(
            "From a pod",
            await http.GetStringAsync($"/v1/changes?owner={owner}&epoch={epoch}&since=0"),
            StringComparison.Ordinal
        );
    }

    private static async Task<JsonElement> PushAsync(HttpClient http, Guid owner, long epoch)
    {
        using var answer = await http.PostAsJsonAsync(
            "/v1/push",
            new
            {
                t = "push",
                owner,
                epoch,
                settled = 0,
                device = new
                {
                    id = owner,
                    kind = "web",
                    name = "pod",
                    app = "pod/1",
                },
                changes = new[]
                {
                    new
                    {
                        seq = 1,
                        change = owner,
                        op = "create",
                        @base = 0,
                        age_ms = 0,
                        entity = "projects",
                        id = owner,
                        fields = new { name = "From a pod" },
                    },
                },
            }
        );
        return await answer.Content.ReadFromJsonAsync<JsonElement>();
    }

    /// <summary>By the kernel's own word, or the test would show nothing.</summary>
    private static void AssertRestricted(int process, long user)
    {
        var status = File.ReadLines($"/proc/{process}/status")
            .Select(line => line.Split(':', 2))
            .ToDictionary(parts => parts[0], parts => parts[1].Trim());
        Assert.Equal($"{user}\t{user}\t{user}\t{user}", status["Uid"]);
        Assert.Equal($"{user}\t{user}\t{user}\t{user}", status["Gid"]);
        Assert.Equal("", status["Groups"]);
        Assert.Equal("1", status["NoNewPrivs"]);
        foreach (var set in new[] { "CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb" })
            Assert.Equal(0, Convert.ToInt64(status[set], 16));
        var mounts = File.ReadLines($"/proc/{process}/mounts")
            .Select(line => line.Split(' '))
            .ToList();
        foreach (var target in new[] { "/", "/mnt", "/run" })
            Assert.Contains("ro", mounts.Last(mount => mount[1] == target)[3].Split(','));
        Assert.Contains("rw", mounts.Last(mount => mount[1] == "/tmp")[3].Split(','));
    }

    /// <summary>Other users and mounts are root's to make, on Linux.</summary>
    private sealed class RootFactAttribute : FactAttribute
    {
        public RootFactAttribute() =>
            Skip =
                KubernetesTools.Kubectl is null
                    ? $"{KubernetesTools.Variable} names no folder with kubectl"
                : !OperatingSystem.IsLinux() || !Environment.IsPrivilegedProcess
                    ? "Mounts and users are made by root, on Linux"
                : File.Exists("/usr/bin/unshare") && File.Exists("/usr/bin/setpriv") ? null
                : "unshare or setpriv of util-linux is missing";
    }
}
