using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Orchestra.Client;
using Orchestra.Client.Hosting;
using Orchestra.Sync;
using Xunit;

namespace Orchestra.Tests.Client.Live;

/// <summary>The client as a part of an app that is built on a host.</summary>
public sealed class HostedTests(RunningServer server) : IClassFixture<RunningServer>, IDisposable
{
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("orchestra-");
    private readonly Guid user = Guid.NewGuid();

    public void Dispose() => folder.Delete(recursive: true);

    [Fact]
    public async Task While_the_host_runs_the_client_is_connected()
    {
        await using var other = await LiveDevice.OpenAsync(server, user);
        var host = Build(server.Address, () => server.TokenAsync(user));
        await host.StartAsync();
        var client = host.Services.GetRequiredService<OrchestraClient>();

        var id = Guid.NewGuid();
        await client.PutAsync(
            "projects",
            id,
            new Dictionary<string, FieldValue> { ["name"] = FieldValue.Text("hosted") }
        );
        await UntilAsync(client, SyncState.Synced);
        await other.Client.SyncAsync();
        await host.StopAsync();

        Assert.Equal(FieldValue.Text("hosted"), await other.SeeAsync("projects", id, "name"));
        Assert.Equal(SyncState.Offline, client.Status.State);
        await ((IAsyncDisposable)host).DisposeAsync();
    }

    [Fact]
    public async Task A_client_that_may_not_sync_yet_ends_no_app_and_syncs_once_it_may()
    {
        var mayLogIn = false;
        var host = Build(
            server.Address,
            () => mayLogIn ? server.TokenAsync(user) : Task.FromResult("not a token")
        );
        await host.StartAsync();
        var client = host.Services.GetRequiredService<OrchestraClient>();

        await UntilAsync(client, SyncState.Error);
        mayLogIn = true;
        await UntilAsync(client, SyncState.Synced);

        await host.StopAsync();
        await ((IAsyncDisposable)host).DisposeAsync();
    }

    private IHost Build(Uri address, Func<Task<string>> token)
    {
        var builder = Host.CreateApplicationBuilder();
        builder.Logging.ClearProviders();
        builder.Services.AddOrchestraClient(_ => new ClientOptions
        {
            Database = Path.Combine(folder.FullName, "hosted.db"),
            Server = address,
            Token = (_, _) => token(),
            LongestRetry = TimeSpan.FromMilliseconds(50),
        });
        return builder.Build();
    }

    private static async Task UntilAsync(OrchestraClient client, SyncState state)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        await foreach (var status in client.WatchStatusAsync(patience.Token))
            if (status.State == state && status.Pending == 0)
                return;
        Assert.Fail("The client was closed");
    }
}
