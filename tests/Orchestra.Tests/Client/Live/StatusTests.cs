using Orchestra.Client;
using Orchestra.Sync;
using Orchestra.Sync.Errors;
using Xunit;

namespace Orchestra.Tests.Client.Live;

/// <summary>What an app shows of sync is what is so.</summary>
public sealed class StatusTests(RunningServer server) : IClassFixture<RunningServer>
{
    private readonly Guid user = Guid.NewGuid();

    [Fact]
    public async Task A_new_device_is_offline_and_counts_what_waits()
    {
        await using var device = await LiveDevice.OpenAsync(server, user);

        await PutAsync(device);

        var status = device.Client.Status;
        Assert.Equal((SyncState.Offline, 1), (status.State, status.Pending));
        Assert.Null(status.LastContact);
    }

    [Fact]
    public async Task A_running_device_becomes_synced_and_is_offline_again_after_a_restart()
    {
        await using var device = await LiveDevice.OpenAsync(server, user);
        await PutAsync(device);
        using var stop = new CancellationTokenSource();

        var running = device.Client.RunAsync(stop.Token);
        var synced = await UntilAsync(device.Client, SyncState.Synced);
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running);

        Assert.Equal((0, synced.Head), (synced.Pending, synced.Version));
        Assert.NotNull(synced.LastContact);
        Assert.Equal(SyncState.Offline, device.Client.Status.State);
        await using var restarted = await device.OpenClientAsync(server, user);
        var status = restarted.Status;
        Assert.Equal((SyncState.Offline, synced.Version), (status.State, status.Version));
        Assert.NotNull(status.LastContact);
        Assert.Null(status.Error);
    }

    [Fact]
    public async Task A_lost_server_shows_as_offline_with_the_reason_and_comes_back_by_itself()
    {
        await using var device = await LiveDevice.OpenAsync(server, user);
        using var stop = new CancellationTokenSource();
        var running = device.Client.RunAsync(stop.Token);
        await UntilAsync(device.Client, SyncState.Synced);

        await server.StopAsync();
        var lost = await UntilAsync(
            device.Client,
            SyncState.Offline,
            status => status.Error != null
        );
        await PutAsync(device);
        Assert.Equal(1, device.Client.Status.Pending);
        await server.RestartAsync();
        var back = await UntilAsync(device.Client, SyncState.Synced, status => status.Pending == 0);

        Assert.NotNull(lost.LastContact);
        Assert.Null(back.Error);
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running);
    }

    [Fact]
    public async Task What_waiting_does_not_cure_shows_as_an_error()
    {
        await using var desk = await LiveDevice.OpenAsync(server, user);
        await desk.Client.SyncAsync();
        await using var lost = await LiveDevice.OpenAsync(server, user);
        await lost.Client.SyncAsync();
        await desk.Client.Devices.RevokeAsync((await lost.Client.ReadStatusAsync()).Device);

        await Assert.ThrowsAsync<SyncException>(() => lost.Client.RunAsync(CancellationToken.None));

        Assert.Equal(SyncState.Error, lost.Client.Status.State);
        var error = Assert.IsType<SyncException>(lost.Client.Status.Error);
        Assert.Equal(ErrorCode.DeviceRevoked, error.Code);
    }

    private static Task PutAsync(LiveDevice device) =>
        device.PutAsync("projects", Guid.NewGuid(), ("name", FieldValue.Text("Lovelace")));

    private static async Task<SyncStatus> UntilAsync(
        OrchestraClient client,
        SyncState state,
        Func<SyncStatus, bool>? also = null
    )
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        await foreach (var status in client.WatchStatusAsync(patience.Token))
            if (status.State == state && (also is null || also(status)))
                return status;
        throw new InvalidOperationException("The client was closed");
    }
}
