using System.Net.WebSockets;
using Orchestra.Sync;
using Orchestra.Sync.Wire;
using Orchestra.TestKit.Silos;

namespace Orchestra.Tests.Protocol;

/// <summary>How a socket begins.</summary>
[Collection(nameof(SharedServer))]
public sealed class HelloTests(SharedServer shared)
{
    private const WebSocketCloseStatus PolicyViolation = WebSocketCloseStatus.PolicyViolation;

    private readonly OwnerId owner = SharedServer.NewOwner();

    public static TheoryData<string> Others =>
        new()
        {
            """{"t":"ping","ref":1}""",
            """{"t":"token","token":"x"}""",
            """{"t":"presence","state":{}}""",
            """{"t":"ack","owner":"$OWNER","epoch":1,"version":1}""",
            """{"t":"pull","owner":"$OWNER","epoch":1,"since":0}""",
            """{"t":"verify","owner":"$OWNER","entities":[]}""",
            """{"t":"push","owner":"$OWNER","epoch":1,"settled":0,"changes":[]}""",
        };

    [Theory]
    [MemberData(nameof(Others))]
    public async Task Before_hello_everything_else_is_malformed_and_hello_still_works(
        string message
    )
    {
        await using var socket = await OpenAsync();
        await socket.SendAsync(message.Replace("$OWNER", $"{owner}"));
        var error = await socket.ExpectErrorAsync(ErrorCode.Malformed);
        Assert.Equal("t", error.Field);

        await socket.SendAsync(Hello());
        await socket.ExpectAsync<WelcomeMessage>();
    }

    [Fact]
    public async Task A_second_hello_is_malformed_and_changes_nothing()
    {
        await using var device = await RawDevice.ConnectAsync(shared.Server, owner);
        await device.Socket.SendAsync(Hello());
        await device.Socket.ExpectErrorAsync(ErrorCode.Malformed);

        var verdict = Assert.Single(await device.PushAsync(Edits.Project()));
        Assert.Equal(ChangeStatus.Applied, verdict.Status);
        Assert.Single((await ReadDevicesAsync()).Devices);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(2)]
    [InlineData(int.MaxValue)]
    public async Task Another_protocol_is_refused_and_the_socket_closed(int protocol)
    {
        await using var socket = await OpenAsync();
        await socket.SendAsync(Hello() with { Protocol = protocol });
        await socket.ExpectErrorAsync(ErrorCode.ProtocolUnsupported);
        Assert.Equal(4406, (int?)await socket.ExpectCloseAsync());
    }

    [Fact]
    public async Task A_hello_that_fails_is_the_end_of_its_socket()
    {
        await using var socket = await OpenAsync();
        await socket.SendAsync(Hello() with { Entities = ["projects", "no_such_type"] });
        await socket.ExpectErrorAsync(ErrorCode.UnknownEntity);
        Assert.Equal(PolicyViolation, await socket.ExpectCloseAsync());
    }

    [Fact]
    public async Task The_nil_device_and_one_without_a_name_are_no_devices()
    {
        var device = RawDevice.NewDevice();
        WireDevice[] bad =
        [
            device with
            {
                Id = DeviceId.Server,
            },
            device with
            {
                Name = "",
            },
            device with
            {
                App = new string('x', Limits.DeviceTextLength + 1),
            },
        ];
        foreach (var nobody in bad)
        {
            await using var socket = await OpenAsync();
            await socket.SendAsync(Hello() with { Device = nobody });
            await socket.ExpectErrorAsync(ErrorCode.InvalidValue);
            Assert.Equal(PolicyViolation, await socket.ExpectCloseAsync());
        }
    }

    [Fact]
    public async Task A_device_s_name_is_as_long_as_it_may_be()
    {
        await using var socket = await OpenAsync();
        var longest = new string('x', Limits.DeviceTextLength);
        await socket.SendAsync(
            Hello() with
            {
                Device = RawDevice.NewDevice() with { Name = longest, App = longest },
            }
        );
        await socket.ExpectAsync<WelcomeMessage>();
    }

    [Theory]
    [InlineData(-1, 5)]
    [InlineData(1, -5)]
    [InlineData(1, Limits.MaxInteger + 1)]
    public async Task A_cursor_that_is_none_is_refused(long epoch, long version)
    {
        await using var socket = await OpenAsync();
        await socket.SendAsync(Hello() with { Cursors = [new WireCursor(owner, epoch, version)] });
        await socket.ExpectErrorAsync(ErrorCode.CursorInvalid);
    }

    [Fact]
    public async Task Two_cursors_of_one_owner_are_malformed()
    {
        await using var socket = await OpenAsync();
        var cursor = new WireCursor(owner, 0, 0);
        await socket.SendAsync(Hello() with { Cursors = [cursor, cursor] });
        await socket.ExpectErrorAsync(ErrorCode.Malformed);
    }

    [Fact]
    public async Task A_device_that_comes_back_finds_its_lineage_and_only_what_it_missed()
    {
        var device = RawDevice.NewDevice(DeviceKind.Cli);
        var change = Edits.Project();
        long version;
        long epoch;
        await using (var first = await RawDevice.ConnectAsync(shared.Server, owner, device))
        {
            Assert.Equal((0L, null), (first.LastSeq, first.Welcome.Device.LastChange));
            version = Assert.Single(await first.PushAsync(change)).Version!.Value;
            epoch = first.Epoch;
        }
        await using var again = await RawDevice.ConnectAsync(
            shared.Server,
            owner,
            device,
            new WireCursor(owner, epoch, version - 1)
        );
        Assert.Equal((1L, change.Change), (again.LastSeq, again.Welcome.Device.LastChange));
        var frame = Assert.Single(await again.ReadUntilAsync(version));
        Assert.Equal((version - 1, version), (frame.From, frame.To));
        Assert.Null(frame.Floor);
    }

    [Fact]
    public async Task The_catalog_comes_whole_unless_the_device_has_it()
    {
        await using var first = await RawDevice.ConnectAsync(shared.Server, owner);
        var catalog = first.Welcome.Catalog;
        Assert.NotNull(catalog.Whole);

        await using var socket = await OpenAsync();
        await socket.SendAsync(Hello() with { Catalog = catalog.Hash });
        var welcome = await socket.ExpectAsync<WelcomeMessage>();
        Assert.Equal((catalog.Hash, null), (welcome.Catalog.Hash, welcome.Catalog.Whole));
        Assert.Equal(WireLimits.Current, welcome.Limits);
    }

    private static HelloMessage Hello() => new(1, RawDevice.NewDevice(), []);

    private async Task<RawSocket> OpenAsync() =>
        await RawSocket.OpenAsync(shared.Server.Gateway, await shared.Server.TokenAsync(owner));

    private async Task<WireDevices> ReadDevicesAsync()
    {
        var door = await HttpDoor.OpenAsync(shared.Server, owner);
        return WireCodec.ReadDevices((await door.GetAsync("/v1/devices")).Utf8);
    }
}
