using Orchestra.Sync;
using Xunit;

namespace Orchestra.Tests.Client.Live;

public sealed class BrokenConnectionTests : IAsyncLifetime
{
    private const int Rows = 1_200;

    private readonly RunningServer server = new();
    private readonly Guid user = Guid.NewGuid();

    public Task InitializeAsync() => server.InitializeAsync();

    public Task DisposeAsync() => server.DisposeAsync();

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task Wherever_a_connection_is_cut_every_change_takes_effect_once(int seed)
    {
        var random = new Random(seed);
        var budgets = Enumerable.Range(0, 12).Select(_ => (long)random.Next(500, 200_000));
        await using var proxy = new CuttingProxy(server.Port, budgets);
        await using var ada = await LiveDevice.OpenAsync(server, user, proxy.Address);
        await using var bob = await LiveDevice.OpenAsync(server, user);

        for (var i = 0; i < Rows; i++)
            await ada.PutAsync("projects", Guid.NewGuid(), ("name", FieldValue.Text($"{i}")));
        await ada.Client.SyncAsync();
        await bob.Client.SyncAsync();
        await ada.Client.SyncAsync();

        Assert.True(proxy.Cuts > 0);
        Assert.Equal(Rows, (await bob.Client.ListAsync("projects")).Count);
        Assert.Equal(await ada.ContentsAsync(), await bob.ContentsAsync());
        var status = await ada.Client.ReadStatusAsync();
        Assert.True(status.Matches);
        // The rows, the two devices and the user, each with one version and no more.
        Assert.Equal(Rows + 3, status.Cursor.Version);
    }

    [Fact]
    public async Task A_connected_device_outlives_its_server_and_sends_what_it_wrote_meanwhile()
    {
        await using var ada = await LiveDevice.OpenAsync(server, user);
        await ada.Client.SyncAsync();
        var lost = new TaskCompletionSource();
        ada.Client.Connection += change =>
        {
            if (!change.IsConnected)
                lost.TrySetResult();
        };
        using var stop = new CancellationTokenSource();
        var running = ada.Client.RunAsync(stop.Token);

        await server.StopAsync();
        await lost.Task.WaitAsync(TimeSpan.FromSeconds(20));
        await ada.PutAsync("projects", Guid.NewGuid(), ("name", FieldValue.Text("offline")));
        await server.RestartAsync();
        await ada.Client.SyncAsync().WaitAsync(TimeSpan.FromSeconds(20));

        var status = await ada.Client.ReadStatusAsync();
        Assert.Equal(0, status.Outbox);
        Assert.True(status.Matches);
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running);
    }
}
