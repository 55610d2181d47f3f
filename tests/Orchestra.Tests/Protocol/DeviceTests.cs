using System.Net;
using Orchestra.Sync;
using Orchestra.Sync.Errors;
using Orchestra.Sync.Wire;
using Orchestra.TestKit.Silos;

namespace Orchestra.Tests.Protocol;

/// <summary>An owner's list of devices, and what it means for their sockets.</summary>
[Collection(nameof(SharedServer))]
public sealed class DeviceTests(SharedServer shared)
{
    private readonly OwnerId owner = SharedServer.NewOwner();

    [Fact]
    public async Task A_newer_socket_of_a_device_ends_the_older()
    {
        await using var older = await RawDevice.ConnectAsync(shared.Server, owner);
        await using var newer = await RawDevice.ConnectAsync(shared.Server, owner, older.Device);
        await older.Socket.ExpectErrorAsync(ErrorCode.DeviceReplaced);
        Assert.Equal(4409, (int?)await older.Socket.ExpectCloseAsync());

        Assert.Equal(1, Assert.Single(await newer.PushAsync(Edits.Project())).Seq);
    }

    [Fact]
    public async Task Revoking_a_device_closes_its_socket_and_keeps_it_out()
    {
        var door = await HttpDoor.OpenAsync(shared.Server, owner);
        await using var desk = await RawDevice.ConnectAsync(shared.Server, owner);
        await using var lost = await RawDevice.ConnectAsync(shared.Server, owner);
        var revoked = await door.DeleteAsync($"/v1/devices/{lost.Device.Id}");
        Assert.Equal(HttpStatusCode.NoContent, revoked.Status);

        await lost.Socket.ExpectErrorAsync(ErrorCode.DeviceRevoked);
        Assert.Equal(4410, (int?)await lost.Socket.ExpectCloseAsync());
        await using var again = await RawSocket.OpenAsync(
            shared.Server.Gateway,
            await shared.Server.TokenAsync(owner)
        );
        await again.SendAsync(new HelloMessage(1, lost.Device, []));
        await again.ExpectErrorAsync(ErrorCode.DeviceRevoked);
        Assert.Equal(4410, (int?)await again.ExpectCloseAsync());
        Assert.Equal(ChangeStatus.Applied, (await desk.PushAsync(Edits.Project()))[0].Status);
    }

    [Fact]
    public async Task A_device_that_takes_only_some_types_hears_of_its_revocation_too()
    {
        var door = await HttpDoor.OpenAsync(shared.Server, owner);
        await using var lost = await RawDevice.ConnectAsync(
            shared.Server,
            owner,
            entities: ["projects"]
        );
        await door.DeleteAsync($"/v1/devices/{lost.Device.Id}");
        await lost.Socket.ExpectErrorAsync(ErrorCode.DeviceRevoked);
        Assert.Equal(4410, (int?)await lost.Socket.ExpectCloseAsync());
    }

    [Fact]
    public async Task A_device_that_has_yet_to_pull_hears_of_its_revocation_too()
    {
        var door = await HttpDoor.OpenAsync(shared.Server, owner);
        await using var lost = await RawDevice.ConnectAsync(shared.Server, owner);
        await lost.Socket.ExpectAsync<ChangesMessage>();
        await lost.Socket.SendAsync(new PullMessage(owner, lost.Epoch, 1_000_000, 1));
        await lost.Socket.ExpectAsync<ResetMessage>();

        await door.DeleteAsync($"/v1/devices/{lost.Device.Id}");
        await lost.Socket.ExpectErrorAsync(ErrorCode.DeviceRevoked);
    }

    [Fact]
    public async Task A_device_is_renamed_and_given_another_priority()
    {
        var door = await HttpDoor.OpenAsync(shared.Server, owner);
        var device = RawDevice.NewDevice(DeviceKind.Cli);
        await using (await RawDevice.ConnectAsync(shared.Server, owner, device)) { }
        var path = $"/v1/devices/{device.Id}";
        var patched = await door.PatchAsync(path, new DevicePatch("attic", 77));
        Assert.Equal((HttpStatusCode.NoContent, ""), (patched.Status, patched.Text));
        await door.PatchAsync(path, new DevicePatch(Name: "cellar"));

        var listed = Assert.Single(
            WireCodec.ReadDevices((await door.GetAsync("/v1/devices")).Utf8).Devices
        );
        Assert.Equal(new WireDeviceRow(device.Id, "cli", "cellar", device.App, 77), listed);
        await using var again = await RawDevice.ConnectAsync(shared.Server, owner, device);
        Assert.Equal(77, again.Welcome.Device.Priority);
    }

    [Theory]
    [InlineData("""{"name":""}""", ErrorCode.InvalidValue, "name")]
    [InlineData("""{"priority":-1}""", ErrorCode.InvalidValue, "priority")]
    [InlineData("""{"priority":1001}""", ErrorCode.InvalidValue, "priority")]
    [InlineData("""{"priority":"50"}""", ErrorCode.Malformed, "$.priority")]
    [InlineData("[]", ErrorCode.Malformed, "$")]
    [InlineData("", ErrorCode.Malformed, "$")]
    public async Task What_a_device_cannot_be_is_refused(string json, ErrorCode code, string field)
    {
        var door = await HttpDoor.OpenAsync(shared.Server, owner);
        var device = RawDevice.NewDevice();
        await using (await RawDevice.ConnectAsync(shared.Server, owner, device)) { }
        var answer = await door.SendAsync(
            HttpMethod.Patch,
            $"/v1/devices/{device.Id}",
            System.Text.Encoding.UTF8.GetBytes(json)
        );
        Assert.Equal((code.Name(), field), (answer.Error.Code, answer.Error.Field));
    }

    [Fact]
    public async Task P14_Somebody_else_s_device_is_answered_like_one_that_does_not_exist()
    {
        var stranger = RawDevice.NewDevice();
        await using var theirs = await RawDevice.ConnectAsync(
            shared.Server,
            SharedServer.NewOwner(),
            stranger
        );
        await using var mine = await RawDevice.ConnectAsync(shared.Server, owner);
        var door = await HttpDoor.OpenAsync(shared.Server, owner);
        string[] paths =
        [
            $"/v1/devices/{stranger.Id}",
            $"/v1/devices/{Guid.NewGuid()}",
            $"/v1/devices/{Guid.Empty}",
        ];
        foreach (var path in paths)
        {
            var patch = await door.PatchAsync(path, new DevicePatch("mine", 1000));
            var delete = await door.DeleteAsync(path);
            Assert.Equal(HttpStatusCode.NotFound, patch.Status);
            Assert.Equal(
                (await door.DeleteAsync(paths[1])).Error with
                {
                    Trace = null,
                },
                delete.Error with
                {
                    Trace = null,
                }
            );
            Assert.Equal(delete.Error with { Trace = null }, patch.Error with { Trace = null });
        }
        Assert.Equal(ChangeStatus.Applied, (await theirs.PushAsync(Edits.Project()))[0].Status);
    }
}
