using Orchestra.Sync;
using Orchestra.Sync.Errors;
using Orchestra.Sync.Wire;
using Orchestra.TestKit.Processes;

namespace Orchestra.Tests.Cluster;

/// <summary>The roles in processes of their own: what crosses between them is serialized.</summary>
public class RolesTests
{
    private static readonly Guid User = new("5eed0000-0000-4000-8000-000000000003");

    [Fact]
    public async Task A_gateway_without_a_store_serves_devices_through_a_silo_that_has_one()
    {
        await using var sync = await SiloProcess.StartAsync(("Orchestra__Roles", "sync"));
        await using var gateway = await SiloProcess.JoinAsync(
            sync,
            ("Orchestra__Roles", "gateway")
        );
        using var a = await CommandLineDevice.CreateAsync(gateway, User);
        using var b = await CommandLineDevice.CreateAsync(gateway, User);
        await using var watch = b.Start("watch");
        await watch.WaitForLineAsync("connected", TimeSpan.FromSeconds(30));
        await a.RunAsync("put", "settings", "name=theme", "value:={\"dark\":true}");
        await watch.WaitForLineAsync("name=theme", TimeSpan.FromSeconds(30));

        using var http = await HttpDevice.ConnectAsync(gateway, User);
        var epoch = await http.ReadEpochAsync();
        var gap = new WireChange(5, new ChangeId(Guid.NewGuid()), ChangeOp.Void);
        var error = Assert.IsType<ErrorMessage>(await http.PushAsync(epoch, [gap]));
        Assert.Equal((ErrorCode.SequenceGap.Name(), 1L), (error.Code, error.Expected));
    }
}
