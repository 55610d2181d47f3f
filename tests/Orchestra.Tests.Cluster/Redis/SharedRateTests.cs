using System.Net;
using System.Net.Http.Headers;
using Orchestra.Sync;
using Orchestra.TestKit.Silos;

namespace Orchestra.Tests.Cluster.Redis;

/// <summary>Two gateways give an owner what one would.</summary>
public class SharedRateTests
{
    private const int Burst = 200;
    private const int Requests = Burst - 10;

    [Fact]
    public async Task What_was_asked_of_one_gateway_counts_at_the_other_while_there_is_Redis()
    {
        await using var gateways = await TwoGateways.StartAsync(
            ("Orchestra:Gateway:RequestsPerSecond", "1"),
            ("Orchestra:Gateway:RequestBurst", $"{Burst}")
        );
        var owner = new OwnerId(Guid.NewGuid());
        // Neither has used up its own bucket.
        Assert.Equal(0, await CountRefusedAsync(gateways.First, owner));
        Assert.InRange(await CountRefusedAsync(gateways.Second, owner), 1, Requests);

        await gateways.Redis.KillAsync();
        var other = new OwnerId(Guid.NewGuid());
        Assert.Equal(0, await CountRefusedAsync(gateways.First, other));
        Assert.Equal(0, await CountRefusedAsync(gateways.Second, other));
    }

    private static async Task<int> CountRefusedAsync(RunningSilo silo, OwnerId owner)
    {
        var token = new AuthenticationHeaderValue("Bearer", await silo.TokenAsync(owner));
        var refused = 0;
        for (var i = 0; i < Requests; i++)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, "/v1/devices");
            request.Headers.Authorization = token;
            using var answer = await silo.Http.SendAsync(request);
            if (answer.StatusCode == HttpStatusCode.TooManyRequests)
                refused++;
            else
                answer.EnsureSuccessStatusCode();
        }
        return refused;
    }
}
