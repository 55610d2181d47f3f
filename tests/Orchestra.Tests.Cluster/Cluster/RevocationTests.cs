using System.Net;
using System.Net.Http.Headers;
using Orchestra.Sync;
using Orchestra.Sync.Errors;
using Orchestra.Sync.Wire;
using Orchestra.TestKit.Clusters;
using Orchestra.TestKit.Processes;
using Orchestra.TestKit.Redis;
using Orchestra.TestKit.Silos;
using Orchestra.Tests.Cluster.Redis;

namespace Orchestra.Tests.Cluster.Cluster;

/// <summary>A device that is revoked at one gateway is gone from every other, and is not let in again.</summary>
[Collection(nameof(Alone))]
public sealed class RevocationTests
{
    /// <summary>What the product promises.</summary>
    private static readonly TimeSpan Within = TimeSpan.FromSeconds(5);

    private readonly OwnerId owner = new(Guid.NewGuid());

    [Fact]
    public async Task Whichever_gateway_of_a_cluster_it_is_at()
    {
        await using var cluster = await ProcessCluster.StartAsync(sync: 2, gateways: 2);
        var (silo, client) = (cluster.Gateways[0], cluster.Gateways[1]);
        await IsGoneAsync(at: silo, revokedAt: client, [silo, client]);
        await IsGoneAsync(at: client, revokedAt: silo, [silo, client]);
    }

    [Fact]
    public async Task And_at_another_cluster_over_Redis()
    {
        await using var clusters = await TwoClusters.StartAsync(await RedisServer.StartAsync());
        await using (var listener = await TwoClusters.ConnectAsync(clusters.First, owner))
        await using (var other = await TwoClusters.ConnectAsync(clusters.Second, owner))
            await clusters.WaitForListenersAsync(owner);
        await IsGoneAsync(clusters.Second, clusters.First, [clusters.First, clusters.Second]);
    }

    private async Task IsGoneAsync(SiloProcess at, SiloProcess revokedAt, SiloProcess[] all)
    {
        await using var device = await TwoClusters.ConnectAsync(at, owner);
        await device.ReadUntilAsync(await TwoClusters.PushAsync(device));
        await RevokeAsync(revokedAt, device.Device.Id);
        await device.Socket.ExpectAsync<ErrorMessage>(
            error => error.Code == ErrorCode.DeviceRevoked.Name(),
            Within
        );
        Assert.Equal(4410, (int?)await device.Socket.ExpectCloseAsync());
        foreach (var gateway in all)
        {
            var token = await gateway.GetTokenAsync(owner.Value);
            await using var again = await RawSocket.OpenAsync(gateway.Gateway, token);
            await again.SendAsync(new HelloMessage(1, device.Device, []));
            await again.ExpectErrorAsync(ErrorCode.DeviceRevoked);
        }
    }

    private async Task RevokeAsync(SiloProcess gateway, DeviceId device)
    {
        using var http = new HttpClient { BaseAddress = gateway.Gateway };
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue(
            "Bearer",
            await gateway.GetTokenAsync(owner.Value)
        );
        using var answer = await http.DeleteAsync($"/v1/devices/{device}");
        Assert.Equal(HttpStatusCode.NoContent, answer.StatusCode);
    }
}
