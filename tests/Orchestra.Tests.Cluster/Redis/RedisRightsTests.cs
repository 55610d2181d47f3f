using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;
using Orchestra.Sync;
using Orchestra.Sync.Wire;
using Orchestra.TestKit.Redis;
using Orchestra.TestKit.Silos;

namespace Orchestra.Tests.Cluster.Redis;

/// <summary>A user with the rights that deploy/operating.md names can do all that silos do.</summary>
public partial class RedisRightsTests
{
    [Fact]
    public async Task The_rights_in_the_manual_suffice()
    {
        var manual = await File.ReadAllTextAsync(
            Path.Combine(Path.GetDirectoryName(ThisFile())!, "../../../deploy/operating.md")
        );
        var rights = Whitespace().Replace(Rights().Match(manual).Groups[1].Value, " ");
        var redis = await RedisServer.StartAsync();
        await redis.AskAsync($"ACL SETUSER silo on >secret {rights}");
        await redis.AskAsync("ACL SETUSER default off");
        await using var gateways = await TwoGateways.StartAsync(
            redis,
            (
                "Orchestra:Redis:ConnectionString",
                $"{redis.ConnectionString},user=silo,password=secret"
            ),
            // Every request is a block of its own.
            ("Orchestra:Gateway:RequestBurst", "20")
        );
        var owner = new OwnerId(Guid.NewGuid());
        await using var desk = await RawDevice.ConnectAsync(gateways.First, owner);
        await using var phone = await RawDevice.ConnectAsync(gateways.Second, owner);
        await phone.Socket.ExpectAsync<PresentMessage>(
            message => message.Devices.Count == 2,
            TimeSpan.FromSeconds(60)
        );
        var version = await TwoClusters.PushAsync(desk);
        await phone.ReadUntilAsync(version, TimeSpan.FromSeconds(60));
        await desk.ReadUntilAsync(version);

        Assert.DoesNotContain(
            gateways.First.Complaints.Concat(gateways.Second.Complaints),
            line => line.Contains("Redis refused", StringComparison.Ordinal)
        );
    }

    private static string ThisFile([CallerFilePath] string path = "") => path;

    [GeneratedRegex("These rights suffice:\\s+`([^`]+)`")]
    private static partial Regex Rights();

    [GeneratedRegex("\\s+")]
    private static partial Regex Whitespace();
}
