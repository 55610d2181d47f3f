using System.Net;
using System.Net.Http.Headers;
using System.Text;
using Orchestra.Sync;
using Orchestra.Sync.Wire;
using Orchestra.TestKit.Processes;
using Orchestra.TestKit.Silos;
using Orchestra.Tests.Cluster.Redis;
using Xunit.Abstractions;

namespace Orchestra.Tests.Cluster.Cluster;

/// <summary>Of what is refused nothing stays: a silo with little memory is sent many times as much.</summary>
[Collection(nameof(Alone))]
public class BadInputMemoryTests(ITestOutputHelper output)
{
    private const long HeapBytes = 160 * 1024 * 1024;
    private const int Rounds = 48;

    private static readonly string Long = new('x', Limits.FrameBytes - 200);

    /// <summary>Nearly a megabyte each.</summary>
    private static readonly string[] Bad =
    [
        Long,
        new string('[', Long.Length),
        $"{{\"t\":\"{Long}\"}}",
        $"{{\"t\":\"push\",\"owner\":\"{Long}\"}}",
        $"{{\"t\":\"ping\",\"ref\":{new string('9', Long.Length)}}}",
        $"{{\"t\":\"presence\",\"state\":\"{Long}\"}}",
        $"{{\"{Long}\":1,\"{Long[..100]}\":1",
        new string(' ', Limits.FrameBytes + 1),
    ];

    private readonly OwnerId owner = new(Guid.NewGuid());

    [Fact]
    public async Task Refused_messages_and_bodies_leave_nothing_behind()
    {
        await using var silo = await SiloProcess.StartAsync(
            ("DOTNET_GCHeapHardLimit", $"{HeapBytes:x}"),
            ("Orchestra__Gateway__RequestsPerSecond", "0")
        );
        var token = await silo.GetTokenAsync(owner.Value);
        var own = RawDevice.NewDevice();
        await using var neighbour = await TwoClusters.ConnectAsync(silo, owner);
        using var http = new HttpClient { BaseAddress = silo.Gateway };
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
        long sent = 0;
        for (var round = 0; round < Rounds; round++)
        {
            foreach (var bad in Bad)
            {
                await using var device = await RawDevice.ConnectAsync(
                    silo.Gateway,
                    token,
                    owner,
                    own
                );
                device.LastSeq = device.Welcome.Device.LastSeq;
                await device.Socket.SendAsync(bad);
                await device.Socket.ExpectAsync<ErrorMessage>();
                sent += bad.Length;
                if (bad.Length > Limits.FrameBytes)
                    continue;
                using var body = new StringContent(bad, Encoding.UTF8, "application/json");
                using var answer = await http.PostAsync("/v1/push", body);
                Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
                sent += bad.Length;
                // The same device goes on, and so does its neighbour.
                var version = await TwoClusters.PushAsync(device);
                await neighbour.ReadUntilAsync(version);
                await neighbour.AckAsync(version);
            }
        }
        output.WriteLine($"{sent >> 20} MiB were refused by a silo with {HeapBytes >> 20} MiB");
        Assert.True(sent > 4 * HeapBytes);
        Assert.False(silo.HasExited);
    }
}
