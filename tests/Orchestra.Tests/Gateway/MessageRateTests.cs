using System.Diagnostics;
using Orchestra.Sync.Wire;
using Orchestra.TestKit.Silos;
using Orchestra.Tests.Protocol;
using Xunit.Abstractions;

namespace Orchestra.Tests.Gateway;

/// <summary>Messages of an owner that come too fast wait, and nobody else's do.</summary>
public sealed class MessageRateTests(ITestOutputHelper output)
{
    private const int PerSecond = 5;
    private const int AtOnce = 2 * PerSecond;

    [Fact]
    public async Task What_is_sent_too_fast_is_read_later_and_all_of_it()
    {
        await using var silo = await RunningSilo.StartAsync(
            null,
            ("Orchestra:Gateway:MessagesPerSecond", $"{PerSecond}")
        );
        var owner = SharedServer.NewOwner();
        await using var hasty = await RawDevice.ConnectAsync(silo, owner);
        await using var second = await RawDevice.ConnectAsync(silo, owner);
        await using var neighbour = await RawDevice.ConnectAsync(silo, SharedServer.NewOwner());
        var sent = Stopwatch.StartNew();
        const int Each = (AtOnce / 2) + 2;
        RawDevice[] devices = [hasty, second];
        foreach (var device in devices)
            for (var n = 1; n <= Each; n++)
                await device.Socket.SendAsync(new PingMessage(n));

        foreach (var device in devices)
            for (var n = 1; n <= Each; n++)
                Assert.Equal(n, (await device.Socket.ExpectAsync<PongMessage>()).Ref);
        output.WriteLine($"{2 * Each} messages were read in {sent.Elapsed}");
        // That it takes at least this long is the limit itself.
        Assert.True(sent.Elapsed > TimeSpan.FromSeconds(((2d * Each) - AtOnce - 1) / PerSecond));

        var before = sent.Elapsed;
        for (var n = 1; n < AtOnce; n++)
            await neighbour.Socket.SendAsync(new PingMessage(n));
        for (var n = 1; n < AtOnce; n++)
            Assert.Equal(n, (await neighbour.Socket.ExpectAsync<PongMessage>()).Ref);
        output.WriteLine($"the neighbour's {AtOnce - 1} in {sent.Elapsed - before}");
    }

    [Fact]
    public async Task Zero_means_any_number()
    {
        await using var silo = await RunningSilo.StartAsync(
            null,
            ("Orchestra:Gateway:MessagesPerSecond", "0")
        );
        await using var hasty = await RawDevice.ConnectAsync(silo, SharedServer.NewOwner());
        for (var n = 1; n <= 5_000; n++)
            await hasty.Socket.SendAsync(new PingMessage(n));
        for (var n = 1; n <= 5_000; n++)
            Assert.Equal(n, (await hasty.Socket.ExpectAsync<PongMessage>()).Ref);
    }
}
