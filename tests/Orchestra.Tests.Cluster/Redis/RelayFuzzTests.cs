using CsCheck;
using Orchestra.Database.Redis;
using Orchestra.Sync;
using Orchestra.Sync.Wire;
using Orchestra.TestKit.Redis;
using Orchestra.TestKit.Silos;
using StackExchange.Redis;
using Xunit.Abstractions;

namespace Orchestra.Tests.Cluster.Redis;

/// <summary>Somebody who can publish says whatever comes to mind while devices work.</summary>
public class RelayFuzzTests(ITestOutputHelper output)
{
    private const int Owners = 3;
    private const int Pushes = 60;
    private const int Batch = 50;

    private static readonly byte[][] NearMisses =
    [
        "1 -1 5 other"u8.ToArray(),
        "1 5 99999999999999999999 other"u8.ToArray(),
        "1 5 5"u8.ToArray(),
        "1 5 5 "u8.ToArray(),
        "2 5 5 other"u8.ToArray(),
        [.. "1 5 5 "u8, .. new byte[300]],
        [.. "1 5 5 "u8, 0xFF],
    ];

    private static readonly Gen<byte[]> Garbage = Gen.OneOf(
        Gen.Byte.Array[0, 400],
        Gen.String[0, 100].Select(text => System.Text.Encoding.UTF8.GetBytes("1 " + text)),
        Gen.Int[0, NearMisses.Length - 1].Select(i => NearMisses[i])
    );

    private static readonly Gen<byte[]> Forged = Gen.Select(
        Gen.Long[0, Limits.MaxInteger],
        Gen.OneOf(Gen.Long[0, 200], Gen.Long[0, Limits.MaxInteger]),
        Gen.OneOf(Gen.Const("first"), Gen.Const("second"), Gen.Const("evil")),
        (epoch, version, origin) => new HeadMessage(new(epoch, version), origin).Write()
    );

    [Fact]
    public void What_is_written_is_read_and_nothing_else_is()
    {
        Gen.Select(Gen.Long[0, Limits.MaxInteger], Gen.Long[0, Limits.MaxInteger])
            .Sample(
                (epoch, version) =>
                {
                    var message = new HeadMessage(new(epoch, version), "clúster 1");
                    Assert.Equal(message, HeadMessage.TryRead(message.Write()));
                }
            );
        Garbage.Sample(bytes =>
            HeadMessage.TryRead(bytes) is not { } read
            || (read.Head.Epoch >= 0 && read.Head.Version >= 0 && read.Origin.Length > 0)
        );
        Assert.All(NearMisses, bytes => Assert.Null(HeadMessage.TryRead(bytes)));
    }

    [Fact]
    public async Task P15_Forged_and_unreadable_messages_move_nothing()
    {
        await using var gateways = await TwoGateways.StartAsync();
        using var counts = new CountedRelay();
        using var end = new CancellationTokenSource();
        var owners = Enumerable.Range(0, Owners).Select(_ => new OwnerId(Guid.NewGuid())).ToList();

        var forging = ForgeAsync(gateways.Redis, owners, end.Token);
        await Task.WhenAll(
            owners.Select(owner => WorkAsync(gateways.First, gateways.Second, owner))
        );
        await end.CancelAsync();
        var forged = await forging;

        foreach (var owner in owners)
            Assert.Equal(
                2L * Pushes,
                await gateways.Database.RunAsync(
                    "select count(*) from orchestra.sync_log where entity_type = 'projects' "
                        + $"and owner_id = '{owner}'"
                )
            );
        output.WriteLine($"{forged} messages were forged; {counts}");
        // A run in which nobody listened would show nothing.
        Assert.InRange(counts["garbage"], 1, long.MaxValue);
        Assert.InRange(counts["own"], 1, long.MaxValue);
        Assert.InRange(counts["lookups"], 1, counts["received"] / 2);
    }

    /// <summary>A device on each cluster; both push, and both end with the same.</summary>
    private static async Task WorkAsync(RunningSilo first, RunningSilo second, OwnerId owner)
    {
        await using var desk = await RawDevice.ConnectAsync(first, owner);
        await using var phone = await RawDevice.ConnectAsync(second, owner);
        long last = 0;
        for (var i = 0; i < Pushes; i++)
            foreach (var device in new[] { desk, phone })
                last = Math.Max(last, await TwoClusters.PushAsync(device));
        var seen = new List<IReadOnlyList<WireEntry>>();
        foreach (var device in new[] { desk, phone })
        {
            var frames = await device.ReadUntilAsync(last, TimeSpan.FromSeconds(120));
            Assert.Equal(last, frames[^1].To);
            seen.Add([.. frames.SelectMany(frame => frame.Changes).Where(IsRow)]);
        }
        Assert.Equal(2 * Pushes, seen[0].Count);
        Assert.Equal(
            seen[0].Select(entry => (entry.Version, entry.Id)),
            seen[1].Select(entry => (entry.Version, entry.Id))
        );
    }

    private static bool IsRow(WireEntry entry) => entry.Entity == "projects";

    private static async Task<int> ForgeAsync(
        RedisServer redis,
        List<OwnerId> owners,
        CancellationToken end
    )
    {
        await using var forger = await ConnectionMultiplexer.ConnectAsync(redis.ConnectionString);
        var messages = Gen.OneOf(Garbage, Forged).Array[Batch];
        var count = 0;
        while (!end.IsCancellationRequested)
        {
            foreach (var owner in owners)
                await Task.WhenAll(
                    messages
                        .Single()
                        .Select(bytes =>
                            forger
                                .GetSubscriber()
                                .PublishAsync(RedisChannel.Literal($"sync:{owner}"), bytes)
                        )
                );
            count += owners.Count * Batch;
        }
        return count;
    }
}
