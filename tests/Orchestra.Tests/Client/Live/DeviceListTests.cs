using Orchestra.Client;
using Orchestra.Sync;
using Orchestra.Sync.Errors;
using Xunit;

namespace Orchestra.Tests.Client.Live;

/// <summary>What a user does with his devices, from one of them.</summary>
public sealed class DeviceListTests(RunningServer server) : IClassFixture<RunningServer>
{
    private readonly Guid user = Guid.NewGuid();

    [Fact]
    public async Task A_user_renames_a_device_and_weighs_its_writes()
    {
        await using var desk = await ConnectedAsync();
        await using var phone = await ConnectedAsync();
        var id = await IdAsync(phone);

        await desk.Client.Devices.RenameAsync(id, "Ada's phone");
        await desk.Client.Devices.SetPriorityAsync(id, 900);

        var devices = await desk.Client.Devices.ListAsync();
        Assert.Equal(2, devices.Count);
        var seen = devices.Single(device => device.Id == id);
        Assert.Equal(("Ada's phone", 900), (seen.Name, seen.Priority));
        Assert.Equal(DeviceKind.Desktop, seen.Kind);
        Assert.Null(seen.RevokedAt);
    }

    [Fact]
    public async Task A_revoked_device_is_refused_and_stays_in_the_list()
    {
        await using var desk = await ConnectedAsync();
        await using var lost = await ConnectedAsync();
        var id = await IdAsync(lost);

        await desk.Client.Devices.RevokeAsync(id);

        var error = await Assert.ThrowsAsync<SyncException>(() => lost.Client.SyncAsync());
        Assert.Equal(ErrorCode.DeviceRevoked, error.Code);
        var devices = await desk.Client.Devices.ListAsync();
        Assert.NotNull(devices.Single(device => device.Id == id).RevokedAt);
    }

    [Fact]
    public async Task A_refusal_over_HTTP_is_the_one_that_the_catalogue_names()
    {
        await using var desk = await ConnectedAsync();
        var nobody = new DeviceId(Guid.NewGuid());
        var own = await IdAsync(desk);

        var missing = await Assert.ThrowsAsync<SyncException>(() =>
            desk.Client.Devices.RenameAsync(nobody, "ghost")
        );
        var wrong = await Assert.ThrowsAsync<SyncException>(() =>
            desk.Client.Devices.SetPriorityAsync(own, 1001)
        );

        Assert.Equal(ErrorCode.NotFound, missing.Code);
        Assert.Equal((ErrorCode.InvalidValue, "priority"), (wrong.Code, wrong.Field));
    }

    [Fact]
    public async Task Without_a_server_there_is_no_list()
    {
        await using var device = await LiveDevice.OpenAsync(
            server,
            user,
            new("http://127.0.0.1:1")
        );

        await Assert.ThrowsAsync<HttpRequestException>(() => device.Client.Devices.ListAsync());
    }

    private async Task<LiveDevice> ConnectedAsync()
    {
        var device = await LiveDevice.OpenAsync(server, user);
        await device.Client.SyncAsync();
        return device;
    }

    private static async Task<DeviceId> IdAsync(LiveDevice device) =>
        (await device.Client.ReadStatusAsync()).Device;
}
