using System.Security.Cryptography;
using Orchestra.Client;
using Orchestra.Sync.Contents;
using Orchestra.Sync.Errors;
using Orchestra.Sync.Wire;

namespace Orchestra.Tests.Client.Live;

/// <summary>Contents of files on real devices: kept offline, sent, fetched, let go.</summary>
public sealed class LiveContentTests(RunningServer server) : IClassFixture<RunningServer>
{
    private readonly Guid user = Guid.NewGuid();

    [Fact]
    public async Task What_one_device_puts_offline_another_opens()
    {
        await using var ada = await LiveDevice.OpenAsync(server, user);
        await using var bob = await LiveDevice.OpenAsync(server, user);
        var bytes = RandomNumberGenerator.GetBytes(700_000);
        var hash = await ada.Client.Contents.PutAsync(new MemoryStream(bytes));
        Assert.Equal(ContentHash.Of(SHA256.HashData(bytes)), hash);
        Assert.Equal(bytes, await ReadAsync(ada, hash));
        var status = await ada.Client.Contents.ReadStatusAsync();
        Assert.Equal((1, bytes.Length), (status.Pending, status.PendingBytes));

        await bob.Client.SyncAsync();
        var missing = await Assert.ThrowsAsync<SyncException>(() => ReadAsync(bob, hash));
        Assert.Equal(ErrorCode.NotFound, missing.Code);
        Assert.Equal(ContentState.Missing, await bob.Client.Contents.FindStateAsync(hash));

        await ada.Client.SyncAsync();
        Assert.Equal(0, (await ada.Client.Contents.ReadStatusAsync()).Pending);
        await bob.Client.SyncAsync();
        Assert.Equal(ContentState.Present, await bob.Client.Contents.FindStateAsync(hash));
        Assert.Equal(bytes, await ReadAsync(bob, hash));
    }

    [Fact]
    public async Task A_device_that_stays_connected_sends_by_itself()
    {
        await using var ada = await LiveDevice.OpenAsync(server, user);
        using var stop = new CancellationTokenSource();
        var running = ada.Client.RunAsync(stop.Token);
        var hash = await ada.Client.Contents.PutAsync(new MemoryStream([1, 2, 3]));
        while ((await ada.Client.Contents.ReadStatusAsync()).Pending > 0)
            await Task.Delay(20);
        await using var bob = await LiveDevice.OpenAsync(server, user);
        Assert.Equal([1, 2, 3], await ReadAsync(bob, hash));
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running);
    }

    [Fact]
    public async Task P18_Connections_that_break_cost_no_byte()
    {
        var bytes = RandomNumberGenerator.GetBytes(3_000_000);
        ContentHash hash;
        await using (var proxy = new CuttingProxy(server.Port, Budgets()))
        {
            await using var ada = await LiveDevice.OpenAsync(server, user, proxy.Address);
            hash = await ada.Client.Contents.PutAsync(new MemoryStream(bytes));
            await ada.Client.SyncAsync();
            Assert.InRange(proxy.Cuts, 2, 100);
        }
        await using (var proxy = new CuttingProxy(server.Port, Budgets()))
        {
            await using var bob = await LiveDevice.OpenAsync(server, user, proxy.Address);
            Assert.Equal(bytes, await ReadAsync(bob, hash));
            Assert.InRange(proxy.Cuts, 2, 100);
        }

        static IEnumerable<long> Budgets() => Enumerable.Range(1, 8).Select(i => 120_000L * i);
    }

    [Fact]
    public async Task P18_A_byte_that_changed_on_the_way_is_noticed()
    {
        await using var ada = await LiveDevice.OpenAsync(server, user);
        var bytes = RandomNumberGenerator.GetBytes(50_000);
        await using (var proxy = new FlippingProxy(server.Port, bytes[20_000..20_016]))
        {
            await using var eve = await LiveDevice.OpenAsync(server, user, proxy.Address);
            await eve.Client.SyncAsync();
            proxy.Flips = 1;
            var hash = await eve.Client.Contents.PutAsync(new MemoryStream(bytes));
            await eve.Client.SyncAsync();
            // The server refused it, and took it when it came again.
            Assert.Equal(0, proxy.Flips);
            Assert.Equal(bytes, await ReadAsync(ada, hash));
        }
        await using (var proxy = new FlippingProxy(server.Port, bytes[20_000..20_016]))
        {
            proxy.Flips = int.MaxValue;
            await using var bob = await LiveDevice.OpenAsync(
                server,
                user,
                proxy.Address,
                retries: 2
            );
            var hash = ContentHash.Of(SHA256.HashData(bytes));
            var refused = await Assert.ThrowsAsync<SyncException>(() => ReadAsync(bob, hash));
            Assert.Equal(ErrorCode.HashMismatch, refused.Code);
            Assert.False(bob.Client.Contents.IsHere(hash));
            proxy.Flips = 0;
            Assert.Equal(bytes, await ReadAsync(bob, hash));
        }
    }

    [Fact]
    public async Task The_cache_lets_go_what_is_safe_and_nothing_else()
    {
        var small = new ContentOptions { CacheBytes = 250_000 };
        await using var ada = await LiveDevice.OpenAsync(server, user, contents: small);
        await ada.Client.SyncAsync();
        var hashes = new List<ContentHash>();
        for (var i = 0; i < 5; i++)
        {
            ada.Time.Advance(TimeSpan.FromSeconds(1));
            var bytes = RandomNumberGenerator.GetBytes(100_000);
            hashes.Add(await ada.Client.Contents.PutAsync(new MemoryStream(bytes)));
        }
        // Nothing is on the server yet.
        Assert.All(hashes, hash => Assert.True(ada.Client.Contents.IsHere(hash)));
        await ada.Client.SyncAsync();
        await ada.Client.SyncAsync();
        ada.Time.Advance(TimeSpan.FromSeconds(1));
        var last = await ada.Client.Contents.PutAsync(new MemoryStream([1]));
        Assert.True(ada.Client.Contents.IsHere(last));
        Assert.Equal([false, false, false, true, true], hashes.Select(ada.Client.Contents.IsHere));
        Assert.Equal(100_000, (await ReadAsync(ada, hashes[0])).Length);
    }

    [Fact]
    public async Task A_device_that_wants_them_ahead_has_them_before_it_asks()
    {
        await using var ada = await LiveDevice.OpenAsync(server, user);
        var hash = await ada.Client.Contents.PutAsync(new MemoryStream([4, 5, 6]));
        await ada.Client.SyncAsync();
        var project = Guid.NewGuid();
        await ada.PutAsync("projects", project, ("name", Sync.FieldValue.Text("p")));
        await ada.PutAsync(
            "files",
            Guid.NewGuid(),
            ("project_id", Sync.FieldValue.Text(project.ToString())),
            ("path", Sync.FieldValue.Text("a.txt")),
            ("content_hash", Sync.FieldValue.Text(hash.Hex)),
            ("size", Sync.FieldValue.Integer(3))
        );
        await ada.Client.SyncAsync();
        var ahead = new ContentOptions { FetchAhead = true };
        await using var bob = await LiveDevice.OpenAsync(server, user, contents: ahead);
        await bob.Client.SyncAsync();
        Assert.True(bob.Client.Contents.IsHere(hash));
    }

    private static async Task<byte[]> ReadAsync(LiveDevice device, ContentHash hash)
    {
        await using var stream = await device.Client.Contents.OpenReadAsync(hash);
        var copy = new MemoryStream();
        await stream.CopyToAsync(copy);
        return copy.ToArray();
    }
}
