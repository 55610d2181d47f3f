using System.Net.WebSockets;
using Orchestra.Sync;
using Orchestra.Sync.Errors;
using Orchestra.Sync.Wire;
using Orchestra.TestKit.Silos;

namespace Orchestra.Tests.Cluster.Redis;

/// <summary>As many sockets of a user or from an address as there may be, at two gateways together.</summary>
public class SharedSeatsTests
{
    private const int Limit = 3;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly OwnerId owner = new(Guid.NewGuid());

    [Theory]
    [InlineData("MaxConnectionsPerUser")]
    [InlineData("MaxConnectionsPerAddress")]
    public async Task One_more_than_there_may_be_is_turned_away_whichever_gateway_it_comes_to(
        string limit
    )
    {
        await using var gateways = await TwoGateways.StartAsync(Of(limit));
        await using var first = await SeatedAsync(gateways.First);
        await using var second = await SeatedAsync(gateways.First);
        var third = await SeatedAsync(gateways.Second);
        foreach (var gateway in new[] { gateways.First, gateways.Second })
            await IsTurnedAwayAsync(gateway);
        if (limit == "MaxConnectionsPerUser")
            await using (await SeatedAsync(gateways.Second, new OwnerId(Guid.NewGuid()))) { }
        await third.DisposeAsync();
        await using var next = await RoomAsync(gateways.First);
        foreach (var device in new[] { first, second, next })
            await StaysAsync(device);
    }

    [Fact]
    public async Task P15_Who_is_seated_stays_whatever_Redis_says_and_without_it_each_gateway_counts()
    {
        await using var gateways = await TwoGateways.StartAsync(Of("MaxConnectionsPerUser"));
        var (redis, key) = (gateways.Redis, $"seats:user:{owner}");
        await redis.AskAsync($"SET {key} nonsense");
        await using var first = await SeatedAsync(gateways.First);
        // Nonsense, what is over, what lasts for ever, and one that a gateway could have written.
        var soon = DateTimeOffset.FromUnixTimeSeconds(
            TimeProvider.System.GetUtcNow().ToUnixTimeSeconds() + 30
        );
        await redis.AskAsync($"HSET {key} a b c \"9 1\" d \"9 99999999999\" e \"1 x\" f \"\"");
        await using var second = await SeatedAsync(gateways.Second);
        Assert.Equal([":2"], await redis.AskAsync($"HLEN {key}"));
        await redis.AskAsync($"HSET {key} g \"{Limit} {soon.ToUnixTimeSeconds()}\"");
        await IsTurnedAwayAsync(gateways.First);
        await StaysAsync(first);
        await StaysAsync(second);

        await redis.KillAsync();
        await using var third = await SeatedAsync(gateways.First);
        await using var fourth = await SeatedAsync(gateways.First);
        await using var fifth = await SeatedAsync(gateways.Second);
        await IsTurnedAwayAsync(gateways.First);
        foreach (var device in new[] { first, second, third, fourth, fifth })
            await StaysAsync(device);
    }

    private static (string, string) Of(string limit) => ($"Orchestra:Gateway:{limit}", $"{Limit}");

    private async Task<RawDevice> SeatedAsync(RunningSilo gateway, OwnerId? other = null)
    {
        var device = await RawDevice.ConnectAsync(gateway, other ?? owner);
        await StaysAsync(device);
        return device;
    }

    /// <summary>At once, or after it was let in.</summary>
    private async Task IsTurnedAwayAsync(RunningSilo gateway)
    {
        var token = await gateway.TokenAsync(owner);
        await using var more = await RawSocket.OpenAsync(gateway.Gateway);
        await more.SendAsync(new HelloMessage(1, RawDevice.NewDevice(), [], token));
        var refused = await more.ExpectErrorAsync(ErrorCode.Overloaded);
        Assert.NotNull(refused.RetryAfterMs);
        Assert.Equal(1008, (int?)await more.ExpectCloseAsync());
    }

    /// <summary>It is answered for longer than the gateways take to count.</summary>
    private static async Task StaysAsync(RawDevice device)
    {
        for (var n = 1; n <= 20; n++)
        {
            await device.Socket.SendAsync(new PingMessage(n));
            await device.Socket.ExpectAsync<PongMessage>();
            await Task.Delay(20);
        }
    }

    /// <summary>Comes again until there is a seat.</summary>
    private async Task<RawDevice> RoomAsync(RunningSilo gateway)
    {
        using var patience = new CancellationTokenSource(Patience);
        while (true)
        {
            try
            {
                return await SeatedAsync(gateway);
            }
            catch (Exception e)
                when (e is InvalidOperationException or WebSocketException
                    && !patience.IsCancellationRequested
                )
            {
                await Task.Delay(50);
            }
        }
    }
}
