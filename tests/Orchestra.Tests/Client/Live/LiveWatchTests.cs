using Orchestra.Sync;
using Xunit;

namespace Orchestra.Tests.Client.Live;

/// <summary>Live queries beside a server.</summary>
public sealed class LiveWatchTests(RunningServer server) : IClassFixture<RunningServer>
{
    [Fact]
    public async Task A_set_watched_before_the_first_contact_fills_in_the_background()
    {
        await using var ada = await LiveDevice.OpenAsync(server, Guid.NewGuid());
        var projects = ada.Client.Set("projects", TaskJson.Default.ProjectRow);
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        await using var watched = projects
            .WatchAsync("order by name", cancel: patience.Token)
            .GetAsyncEnumerator();
        await projects.PutAsync(new ProjectRow(Guid.NewGuid(), "Apollo"));
        Assert.True(await watched.MoveNextAsync());
        Assert.Empty(watched.Current);

        ada.Client.Start();

        while (watched.Current.Count == 0)
            Assert.True(await watched.MoveNextAsync());
        Assert.Equal("Apollo", Assert.Single(watched.Current).Name);
        await foreach (var status in ada.Client.WatchStatusAsync(patience.Token))
            if (status.State == Orchestra.Client.SyncState.Synced)
                break;
    }

    [Fact]
    public async Task A_query_begun_before_the_first_contact_shows_what_another_device_writes()
    {
        var user = Guid.NewGuid();
        await using var ada = await LiveDevice.OpenAsync(server, user);
        await using var bob = await LiveDevice.OpenAsync(server, user);
        using var stop = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        await using var names = ada
            .Client.WatchAsync(
                "select name from projects",
                row => row.GetString(0),
                cancel: stop.Token
            )
            .GetAsyncEnumerator();
        Assert.True(await names.MoveNextAsync());
        Assert.Empty(names.Current);

        var running = ada.Client.RunAsync(stop.Token);
        await bob.PutAsync("projects", Guid.NewGuid(), ("name", FieldValue.Text("Lovelace")));
        await bob.Client.SyncAsync();

        while (names.Current.Count == 0)
            Assert.True(await names.MoveNextAsync());
        Assert.Equal("Lovelace", Assert.Single(names.Current));
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running);
    }
}
