using System.Globalization;
using Orchestra.Database.Redis;
using Orchestra.Sync;
using Orchestra.TestKit.Redis;

namespace Orchestra.Tests.Cluster.Redis;

/// <summary>Whoever listens is heard by the server again, however often that goes and comes.</summary>
public class SubscriptionTests
{
    private const int Rounds = 4;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Hang = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan Glance = TimeSpan.FromMilliseconds(50);

    [Fact]
    public async Task P15_channels_are_subscribed_again_whenever_Redis_comes_back()
    {
        await using var redis = RedisServer.Down();
        await using var connection = await RedisConnection.OpenAsync(
            redis.ConnectionString,
            TimeProvider.System
        );
        var relay = new RedisRelay(connection, "here");
        var owners = new List<OwnerId>();
        for (var round = 0; round < Rounds; round++)
        {
            // Some have listened before it went, some begin while it is away.
            for (var i = 0; i < 5; i++)
            {
                owners.Add(new OwnerId(Guid.NewGuid()));
                relay.Listen(owners[^1], _ => { });
            }
            await redis.RestartAsync();
            using var patience = new CancellationTokenSource(Patience);
            while (await CountListenersAsync(redis, owners) < owners.Count)
                await Task.Delay(Glance, patience.Token);
            // Sometimes it hangs first.
            if (round % 2 == 0)
            {
                await redis.PauseAsync();
                await Task.Delay(Hang);
                await redis.ContinueAsync();
            }
            await redis.KillAsync();
        }
    }

    private static async Task<int> CountListenersAsync(RedisServer redis, List<OwnerId> owners)
    {
        var channels = string.Join(' ', owners.Select(owner => $"sync:{owner}"));
        // An array of names and numbers; a name takes two lines.
        var answer = await redis.AskAsync($"PUBSUB NUMSUB {channels}", 1 + 3 * owners.Count);
        return answer
            .Where(line => line.StartsWith(':'))
            .Sum(line => int.Parse(line[1..], CultureInfo.InvariantCulture));
    }
}
