using System.Net;
using System.Net.Http.Json;
using System.Net.Sockets;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Orchestra.Silo.Hosting;
using Xunit;

namespace Orchestra.Tests.Client.Live;

/// <summary>
/// The server that users start, in this process, with its data in a folder of its own. Keeps its
/// address over a restart.
/// </summary>
public sealed class RunningServer : IAsyncLifetime
{
    private readonly DirectoryInfo data = Directory.CreateTempSubdirectory("orchestra-");
    private readonly int[] ports = FreePorts(3);
    private WebApplication? host;

    public Uri Address => new($"http://127.0.0.1:{ports[0]}");

    public int Port => ports[0];

    public async Task InitializeAsync()
    {
        var builder = SiloHost.NewBuilder();
        builder.Environment.EnvironmentName = Environments.Development;
        builder.Logging.ClearProviders();
        builder.Configuration.AddInMemoryCollection(
            new Dictionary<string, string?>
            {
                ["Orchestra:Gateway:Url"] = Address.ToString(),
                ["Orchestra:Admin:Url"] = $"http://127.0.0.1:{ports[1]}",
                ["Orchestra:Cluster:SiloPort"] = $"{ports[2]}",
                ["Orchestra:DataDirectory"] = data.FullName,
            }
        );
        host = await SiloHost.BuildAsync(builder, CancellationToken.None);
        await host.StartAsync();
    }

    public async Task StopAsync()
    {
        await host!.StopAsync();
        await host.DisposeAsync();
    }

    public async Task DisposeAsync()
    {
        await StopAsync();
        data.Delete(recursive: true);
    }

    /// <summary>A token for anybody, as a development server gives it.</summary>
    public async Task<string> TokenAsync(Guid user, CancellationToken cancel)
    {
        using var http = new HttpClient();
        using var answer = await http.PostAsJsonAsync(
            new Uri(Address, "/dev/token"),
            new { user = user.ToString() },
            cancel
        );
        answer.EnsureSuccessStatusCode();
        var body = await answer.Content.ReadFromJsonAsync<Dictionary<string, string>>(cancel);
        return body!["token"];
    }

    /// <summary>All found before any is given back, so that no two are the same.</summary>
    private static int[] FreePorts(int count)
    {
        var listeners = Enumerable
            .Range(0, count)
            .Select(_ => new TcpListener(IPAddress.Loopback, 0))
            .ToList();
        listeners.ForEach(listener => listener.Start());
        var free = listeners
            .Select(listener => ((IPEndPoint)listener.LocalEndpoint).Port)
            .ToArray();
        listeners.ForEach(listener => listener.Stop());
        return free;
    }
}
