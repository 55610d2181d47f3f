using System.Text;
using Orchestra.Gateway.Errors;
using Orchestra.Sync;
using Orchestra.Sync.Errors;
using Orchestra.Sync.Wire;
using Orchestra.TestKit.Silos;

namespace Orchestra.Tests.Protocol;

/// <summary>Both doors lead to the same room: the same question has the same answer.</summary>
[Collection(nameof(SharedServer))]
public sealed class BothDoorsTests(SharedServer shared) : IAsyncLifetime
{
    private readonly OwnerId owner = SharedServer.NewOwner();
    private RawDevice device = null!;
    private HttpDoor door = null!;

    /// <summary>Pushes that fail as a whole, by what is wrong with a good one.</summary>
    private static readonly Dictionary<string, Func<PushMessage, PushMessage>> BadPushes = new()
    {
        ["nothing in it"] = push => push with { Changes = [] },
        ["too much in it"] = push => push with { Changes = [.. Numbered(501)] },
        ["another epoch"] = push => push with { Epoch = push.Epoch + 1 },
        ["another owner"] = push => push with { Owner = SharedServer.NewOwner() },
        ["a gap"] = push => push with { Changes = [Edits.Project() with { Seq = 7 }] },
        ["a fork"] = push => push with { Changes = [Edits.Project() with { Seq = 1 }] },
        ["an identity that never was"] = push =>
            push with
            {
                Replaces = new WireDeviceSeq(new DeviceId(Guid.NewGuid()), 1),
            },
    };

    public static TheoryData<string> Pushes => new(BadPushes.Keys);

    public static TheoryData<string> Cursors =>
        new()
        {
            "epoch=$EPOCH&since=0",
            "epoch=0&since=0",
            "epoch=$EPOCH&since=1",
            "epoch=$EPOCH&since=2&floor=2",
            "epoch=$EPOCH&since=$HEAD",
            "epoch=$EPOCH&since=999999",
            "epoch=12345&since=1",
            "epoch=$EPOCH&since=1&mark=0f6c5a3e-8b1d-4c2f-a7e9-3d5b1f2c4a68",
            "epoch=$EPOCH&since=-1",
            "epoch=-1&since=0",
            "epoch=$EPOCH&since=9007199254740992",
            "epoch=$EPOCH&since=0&floor=-1",
        };

    public async Task InitializeAsync()
    {
        device = await RawDevice.ConnectAsync(shared.Server, owner);
        door = await HttpDoor.OpenAsync(shared.Server, owner);
        var verdicts = await device.PushAsync(Edits.Project());
        // What comes from now on was asked for.
        await device.ReadUntilAsync(verdicts[^1].Version!.Value);
    }

    public Task DisposeAsync() => device.DisposeAsync().AsTask();

    [Theory]
    [MemberData(nameof(Pushes))]
    public async Task A_push_that_fails_fails_alike(string what)
    {
        var push = BadPushes[what]
            (new PushMessage(owner, device.Epoch, 0, [Edits.Project() with { Seq = 2 }]));
        await device.Socket.SendAsync(push);
        var socket = await device.Socket.ExpectAsync<ErrorMessage>();
        var http = await door.PushAsync(push with { Device = device.Device });
        Assert.Equal(socket with { Trace = null }, http.Error with { Trace = null });
        Assert.True(ErrorCatalogue.TryParse(socket.Code, out var code));
        Assert.Equal(ErrorTable.For(code).HttpStatus, (int)http.Status);
    }

    [Theory]
    [MemberData(nameof(Cursors))]
    public async Task A_cursor_gets_the_same_bytes(string cursor)
    {
        cursor = cursor
            .Replace("$EPOCH", $"{device.Epoch}", StringComparison.Ordinal)
            .Replace("$HEAD", $"{device.Welcome.Heads[0].Version + 1}", StringComparison.Ordinal);
        await device.Socket.DrainAsync();
        await device.Socket.SendAsync(ToPull(cursor));
        var socket = await device.Socket.ExpectFrameAsync<ServerMessage>(message =>
            message is not PresentMessage
        );
        var http = await door.GetAsync($"/v1/changes?owner={owner}&{cursor}");
        Assert.Equal(Comparable(socket), Comparable(new ReceivedFrame(http.Message, http.Utf8)));
    }

    [Fact]
    public async Task Rejected_changes_are_rejected_alike()
    {
        WireChange[] changes =
        [
            Edits.Create("planets", Guid.NewGuid()),
            Edits.Delete("projects", Guid.NewGuid()),
            Edits.Note(Guid.NewGuid(), "", Guid.NewGuid()),
        ];
        var socket = await device.PushAsync(changes);
        var push = new PushMessage(
            owner,
            device.Epoch,
            0,
            [.. changes.Select((change, n) => change with { Seq = n + 1 })],
            Device: RawDevice.NewDevice()
        );
        var http = Assert.IsType<PushedMessage>((await door.PushAsync(push)).Message).Results;
        Assert.Equal(socket.Select(v => v with { Seq = 0 }), http.Select(v => v with { Seq = 0 }));
    }

    [Fact]
    public async Task The_catalog_is_the_same()
    {
        var http = await door.GetAsync("/v1/catalog");
        Assert.Equal(
            Encoding.UTF8.GetString(WireCodec.Write(device.Welcome.Catalog.Whole!)),
            http.Text
        );
    }

    private static IEnumerable<WireChange> Numbered(int count) =>
        Enumerable.Range(2, count).Select(seq => Edits.Project() with { Seq = seq });

    private string ToPull(string cursor)
    {
        var members = cursor
            .Split('&')
            .Select(pair => pair.Split('='))
            .Select(pair => $"\"{pair[0]}\":" + (pair[0] == "mark" ? $"\"{pair[1]}\"" : pair[1]));
        return $$"""{"t":"pull","owner":"{{owner}}",{{string.Join(',', members)}}}""";
    }

    /// <summary>What was sent, but for the trace, which is never the same twice.</summary>
    private static string Comparable(ReceivedFrame frame)
    {
        var text = Encoding.UTF8.GetString(frame.Utf8);
        return frame.Message is ErrorMessage { Trace: { } trace }
            ? text.Replace(trace, "", StringComparison.Ordinal)
            : text;
    }
}
