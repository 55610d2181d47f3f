using Microsoft.Extensions.Time.Testing;
using Orchestra.Sync;
using Orchestra.Sync.Errors;
using Orchestra.Sync.Wire;
using Orchestra.TestKit.Silos;

namespace Orchestra.Tests.Protocol;

/// <summary>How a client gets each error to see. Every one answers with the code that it saw.</summary>
internal static class Provocations
{
    public static readonly IReadOnlyDictionary<
        ErrorCode,
        Func<IServerUnderTest, Task<string>>
    > All = new Dictionary<ErrorCode, Func<IServerUnderTest, Task<string>>>
    {
        [ErrorCode.Malformed] = silo => Say(silo, "hello"),
        [ErrorCode.UnknownMessage] = silo => Say(silo, """{"t":"subscribe"}"""),
        [ErrorCode.Unauthenticated] = silo => Get(silo, "/v1/devices", hasToken: false),
        [ErrorCode.TokenExpired] = _ => OutstayTokenAsync(),
        [ErrorCode.Forbidden] = silo => Say(silo, d => Push(d) with { Owner = NewOwner() }),
        [ErrorCode.OriginRefused] = async silo =>
            (await Upgrade.RefusedAsync(silo, origin: "https://evil.example")).Error.Code,
        [ErrorCode.TokenInUrl] = silo => Get(silo, "/v1/sync?token=x"),
        [ErrorCode.ProtocolUnsupported] = silo => Hello(silo, hello => hello with { Protocol = 2 }),
        [ErrorCode.DeviceRevoked] = RevokeAsync,
        [ErrorCode.DeviceForked] = async silo =>
        {
            await using var device = await RawDevice.ConnectAsync(silo, NewOwner());
            await device.PushAsync(Edits.Project());
            await device.Socket.SendAsync(Push(device));
            return await ErrorAtAsync(device.Socket);
        },
        [ErrorCode.DeviceLimit] = FillDevicesAsync,
        [ErrorCode.DeviceReplaced] = async silo =>
        {
            await using var older = await RawDevice.ConnectAsync(silo, NewOwner());
            await using var newer = await RawDevice.ConnectAsync(silo, older.Owner, older.Device);
            return await ErrorAtAsync(older.Socket);
        },
        [ErrorCode.SequenceGap] = silo => Say(silo, device => Push(device, seq: 2)),
        [ErrorCode.EpochChanged] = silo => Say(silo, d => Push(d) with { Epoch = d.Epoch + 1 }),
        [ErrorCode.BatchTooLarge] = silo =>
            Say(
                silo,
                d =>
                    Push(d) with
                    {
                        Changes =
                        [
                            .. Enumerable
                                .Range(1, 501)
                                .Select(seq => Edits.Project() with { Seq = seq }),
                        ],
                    }
            ),
        [ErrorCode.FrameTooLarge] = silo => Say(silo, new string(' ', Limits.FrameBytes + 1)),
        [ErrorCode.TooDeep] = silo => Say(silo, new string('[', Limits.JsonDepth + 1)),
        [ErrorCode.UnknownEntity] = silo => Reject(silo, Edits.Create("planets", Guid.NewGuid())),
        [ErrorCode.UnknownField] = silo => Reject(silo, Project("colour", Edits.Text("red"))),
        [ErrorCode.ReadOnlyField] = silo => Reject(silo, Edits.Create("users", Guid.NewGuid())),
        [ErrorCode.InvalidValue] = silo => Reject(silo, Project("color", FieldValue.Integer(1))),
        [ErrorCode.ValueTooLarge] = silo =>
            Reject(silo, Project("color", Edits.Text(new string('x', 21)))),
        [ErrorCode.RequiredField] = silo => Reject(silo, Edits.Create("projects", Guid.NewGuid())),
        [ErrorCode.RowGone] = silo => Reject(silo, Edits.Delete("projects", Guid.NewGuid())),
        [ErrorCode.ParentMissing] = silo =>
            Reject(silo, Edits.Note(Guid.NewGuid(), "", Guid.NewGuid())),
        [ErrorCode.TransactionRejected] = silo =>
            Reject(
                silo,
                Edits.Project() with
                {
                    Tx = 1,
                },
                Edits.Delete("projects", Guid.NewGuid()) with
                {
                    Tx = 1,
                }
            ),
        [ErrorCode.CursorInvalid] = silo => Say(silo, d => new PullMessage(d.Owner, d.Epoch, -1)),
        [ErrorCode.RateLimited] = _ => AskTooOftenAsync(),
        [ErrorCode.SlowConsumer] = _ => ReadNothingAsync(),
        [ErrorCode.Overloaded] = _ => OverloadAsync(),
        [ErrorCode.StoreUnavailable] = _ => LockStoreAsync(),
        [ErrorCode.Draining] = _ => ComeLateAsync(),
        [ErrorCode.NotFound] = silo => Get(silo, "/v1/nothing"),
        [ErrorCode.Internal] = _ => BreakStoreAsync(),
    };

    private static OwnerId NewOwner() => SharedServer.NewOwner();

    private static PushMessage Push(RawDevice device, long seq = 1) =>
        new(device.Owner, device.Epoch, 0, [Edits.Project() with { Seq = seq }]);

    private static WireChange Project(string field, FieldValue value) =>
        Edits.Create("projects", Guid.NewGuid(), ("name", Edits.Text("a")), (field, value));

    private static async Task<string> Get(IServerUnderTest silo, string path, bool hasToken = true)
    {
        var token = hasToken ? await silo.TokenAsync(NewOwner()) : null;
        return (await new HttpDoor(silo.Http, token).GetAsync(path)).Error.Code;
    }

    private static async Task<string> Say(IServerUnderTest silo, string text)
    {
        await using var device = await RawDevice.ConnectAsync(silo, NewOwner());
        await device.Socket.SendAsync(text);
        return await ErrorAtAsync(device.Socket);
    }

    private static async Task<string> Say(
        IServerUnderTest silo,
        Func<RawDevice, ClientMessage> message
    )
    {
        await using var device = await RawDevice.ConnectAsync(silo, NewOwner());
        await device.Socket.SendAsync(message(device));
        return await ErrorAtAsync(device.Socket);
    }

    private static Task<string> Hello(
        IServerUnderTest silo,
        Func<HelloMessage, HelloMessage> spoil
    ) => Hello(silo, NewOwner(), spoil(new HelloMessage(1, RawDevice.NewDevice(), [])));

    private static async Task<string> Hello(
        IServerUnderTest silo,
        OwnerId owner,
        HelloMessage hello
    )
    {
        await using var socket = await RawSocket.OpenAsync(
            silo.Gateway,
            await silo.TokenAsync(owner)
        );
        await socket.SendAsync(hello);
        return await ErrorAtAsync(socket);
    }

    private static async Task<string> Reject(IServerUnderTest silo, params WireChange[] changes)
    {
        await using var device = await RawDevice.ConnectAsync(silo, NewOwner());
        return (await device.PushAsync(changes))[0].Code!;
    }

    private static async Task<string> ErrorAtAsync(RawSocket socket) =>
        (await socket.ExpectAsync<ErrorMessage>()).Code;

    private static async Task<string> RevokeAsync(IServerUnderTest silo)
    {
        await using var device = await RawDevice.ConnectAsync(silo, NewOwner());
        var door = await HttpDoor.OpenAsync(silo, device.Owner);
        await door.DeleteAsync($"/v1/devices/{device.Device.Id}");
        var hello = new HelloMessage(1, device.Device, []);
        return await Hello(silo, device.Owner, hello);
    }

    private static async Task<string> FillDevicesAsync(IServerUnderTest silo)
    {
        var owner = NewOwner();
        for (var n = 0; n < Limits.DevicesPerOwner; n++)
            await (await RawDevice.ConnectAsync(silo, owner)).DisposeAsync();
        return await Hello(silo, owner, new HelloMessage(1, RawDevice.NewDevice(), []));
    }

    private static async Task<string> OutstayTokenAsync()
    {
        var time = new FakeTimeProvider(TimeProvider.System.GetUtcNow());
        await using var silo = await RunningSilo.StartAsync(time);
        var soon = time.GetUtcNow().AddMinutes(1);
        var token = new TokenForge(silo, time.GetUtcNow()).Make(
            NewOwner(),
            descriptor => descriptor.Expires = soon.UtcDateTime
        );
        await using var socket = await RawSocket.OpenAsync(silo.Gateway, token);
        await socket.SendAsync(new HelloMessage(1, RawDevice.NewDevice(), []));
        await socket.ExpectAsync<WelcomeMessage>();
        await socket.DrainAsync();
        time.Advance(TimeSpan.FromMinutes(1));
        return await ErrorAtAsync(socket);
    }

    private static async Task<string> AskTooOftenAsync()
    {
        await using var silo = await RunningSilo.StartAsync(
            null,
            ("Orchestra:Gateway:RequestsPerSecond", "1"),
            ("Orchestra:Gateway:RequestBurst", "1")
        );
        var door = await HttpDoor.OpenAsync(silo, NewOwner());
        await door.GetAsync("/v1/devices");
        return (await door.GetAsync("/v1/devices")).Error.Code;
    }

    private static async Task<string> ReadNothingAsync()
    {
        await using var silo = await RunningSilo.StartAsync(
            null,
            ("Orchestra:Gateway:SlowConsumerSeconds", "1")
        );
        await using var device = await RawDevice.ConnectAsync(silo, NewOwner());
        await Flood.PushAsync(device);
        return await ErrorAtAsync(device.Socket);
    }

    private static async Task<string> OverloadAsync()
    {
        await using var silo = await RunningSilo.StartAsync();
        await using var device = await RawDevice.ConnectAsync(silo, NewOwner());
        // Nothing is answered while somebody else holds the store.
        await using var meddler = await silo.Store.HoldAsync();
        for (var n = 0; n < 65; n++)
            await device.SendAsync(Edits.Project());
        return await ErrorAtAsync(device.Socket);
    }

    private static async Task<string> LockStoreAsync()
    {
        await using var silo = await RunningSilo.StartAsync();
        await using var device = await RawDevice.ConnectAsync(silo, NewOwner());
        await using var meddler = await silo.Store.HoldAsync();
        await device.SendAsync(Edits.Project());
        return await ErrorAtAsync(device.Socket);
    }

    private static async Task<string> BreakStoreAsync()
    {
        await using var silo = await RunningSilo.StartAsync();
        var owner = NewOwner();
        await using var meddler = await silo.Store.MeddleAsync(
            "alter table notes rename to lost",
            "alter table orchestra.notes rename to lost"
        );
        var door = await HttpDoor.OpenAsync(silo, owner);
        var answer = await door.GetAsync($"/v1/changes?owner={owner}&epoch=0&since=0");
        Assert.DoesNotContain("notes", answer.Text, StringComparison.Ordinal);
        Assert.NotEmpty(silo.Complaints);
        return answer.Error.Code;
    }

    private static async Task<string> ComeLateAsync()
    {
        await using var silo = await RunningSilo.StartAsync();
        await using var device = await RawDevice.ConnectAsync(silo, NewOwner());
        var token = await silo.TokenAsync(device.Owner);
        // It keeps the drain waiting, because it does not answer the farewell.
        using var stubborn = await RawTcp.UpgradeAsync(silo, device.Owner);
        var stopped = silo.StopAsync();
        await device.Socket.ExpectAsync<DrainMessage>();
        var late = await Upgrade.RefusedAsync(silo, token);
        await stopped;
        return late.Error.Code;
    }
}
