using Orchestra.Client;
using Orchestra.Sync;
using Orchestra.Sync.Errors;
using Xunit;

namespace Orchestra.Tests.Client.Live;

/// <summary>Where WebSockets do not get through, requests do.</summary>
public sealed class BlockedSocketTests(RunningServer server) : IClassFixture<RunningServer>
{
    private readonly Guid user = Guid.NewGuid();

    [Fact]
    public async Task P6_A_device_behind_such_a_proxy_comes_to_the_same_state()
    {
        await using var proxy = await UpgradeRefusingProxy.StartAsync(server.Address);
        await using var ada = await LiveDevice.OpenAsync(server, user);
        await using var bob = await LiveDevice.OpenAsync(server, user, proxy.Address);
        var ids = Enumerable.Range(0, 1_200).Select(_ => Guid.NewGuid()).ToList();
        await ada.Client.SyncAsync();
        await ada.Client.WriteAsync([.. ids.Select(id => Edit.Put("projects", id, Name("ada's")))]);
        await ada.Client.SyncAsync();

        await bob.Client.SyncAsync();
        await bob.Client.WriteAsync([
            .. ids.Take(700).Select(id => Edit.Put("projects", id, Name("bob's"))),
        ]);
        await bob.Client.SyncAsync();
        await ada.Client.SyncAsync();

        Assert.Equal(await ada.ContentsAsync(), await bob.ContentsAsync());
        Assert.True((await bob.Client.ReadStatusAsync()).Matches);
        Assert.InRange(proxy.Requests, 6, int.MaxValue);
    }

    [Fact]
    public async Task What_others_write_is_asked_for_while_it_stays_connected()
    {
        await using var proxy = await UpgradeRefusingProxy.StartAsync(server.Address);
        await using var ada = await LiveDevice.OpenAsync(server, user);
        await using var bob = await LiveDevice.OpenAsync(server, user, proxy.Address);
        await ada.Client.SyncAsync();
        var heard = new TaskCompletionSource();
        bob.Client.Changed += applied =>
        {
            if (applied.Changes.Any(change => change.Entity == "projects"))
                heard.TrySetResult();
        };
        using var stop = new CancellationTokenSource();
        var running = bob.Client.RunAsync(stop.Token);

        await ada.PutAsync("projects", Guid.NewGuid(), ("name", FieldValue.Text("Apollo")));
        await ada.Client.SyncAsync();

        await heard.Task.WaitAsync(TimeSpan.FromSeconds(30));
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running);
    }

    [Fact]
    public async Task A_device_that_takes_some_types_verifies_them_by_requests_too()
    {
        await using var proxy = await UpgradeRefusingProxy.StartAsync(server.Address);
        await using var ada = await LiveDevice.OpenAsync(server, user);
        await using var bob = await LiveDevice.OpenAsync(server, user, proxy.Address);
        await ada.Client.SyncAsync();
        await ada.PutAsync("projects", Guid.NewGuid(), ("name", FieldValue.Text("Apollo")));
        await ada.PutAsync(
            "notes",
            Guid.NewGuid(),
            ("title", FieldValue.Text("x")),
            ("body", FieldValue.Text("y")),
            ("is_pinned", FieldValue.Boolean(false))
        );
        await ada.Client.SyncAsync();
        await bob.Client.TakeOnlyAsync(["projects"]);

        Assert.True(await bob.Client.VerifyAsync());

        Assert.Single(await bob.Client.ListAsync("projects"));
        Assert.Empty(await bob.Client.ListAsync("notes"));
        Assert.Equal(1, (await bob.Client.ReadStatusAsync()).Rows);
    }

    private static Dictionary<string, FieldValue> Name(string name) =>
        new() { ["name"] = FieldValue.Text(name) };
}
