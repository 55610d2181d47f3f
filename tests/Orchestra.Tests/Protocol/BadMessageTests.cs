using System.Net.WebSockets;
using System.Text;
using Orchestra.Sync;
using Orchestra.Sync.Errors;
using Orchestra.Sync.Wire;
using Orchestra.TestKit.Silos;

namespace Orchestra.Tests.Protocol;

/// <summary>
/// P19: messages that are none. Each gets its error, consumes nothing, and the socket, or the next
/// one where this one had to be closed, does its work.
/// </summary>
[Collection(nameof(SharedServer))]
public sealed class BadMessageTests(SharedServer shared)
{
    private const string Id = "0f6c5a3e-8b1d-4c2f-a7e9-3d5b1f2c4a68";

    private readonly OwnerId owner = SharedServer.NewOwner();

    public static TheoryData<string, string, ErrorCode> Messages =>
        new()
        {
            { "nothing", "", ErrorCode.Malformed },
            { "not JSON", "hello", ErrorCode.Malformed },
            { "truncated", """{"t":"ping","ref":""", ErrorCode.Malformed },
            { "the root is a list", """[{"t":"ping"}]""", ErrorCode.Malformed },
            { "the root is null", "null", ErrorCode.Malformed },
            { "no type", "{}", ErrorCode.Malformed },
            { "an unknown type", """{"t":"subscribe"}""", ErrorCode.UnknownMessage },
            { "a server's type", """{"t":"welcome"}""", ErrorCode.UnknownMessage },
            { "a member twice", """{"t":"ping","ref":1,"ref":2}""", ErrorCode.Malformed },
            { "a number as text", """{"t":"ping","ref":"1"}""", ErrorCode.Malformed },
            { "a number too large", """{"t":"ping","ref":1e400}""", ErrorCode.Malformed },
            { "NUL", "{\"t\":\"ping\",\0}", ErrorCode.Malformed },
            { "too deep", Change($$""","fields":{"a":{{Nest(100)}}}"""), ErrorCode.TooDeep },
            { "very deep", Nest(100_000), ErrorCode.TooDeep },
            { "a push without changes", Push(""), ErrorCode.Malformed },
            { "a push of nothing", Push("null"), ErrorCode.Malformed },
            { "an unknown op", Push(Op("upsert")), ErrorCode.Malformed },
            {
                "a change id in capitals",
                Push(Op("void", Id.ToUpperInvariant())),
                ErrorCode.Malformed
            },
            { "a lone surrogate", Change(""","fields":{"name":"\ud800"}"""), ErrorCode.Malformed },
            {
                "a field twice",
                Change(""","fields":{"name":"a","name":"b"}"""),
                ErrorCode.Malformed
            },
            {
                "a number that explodes",
                Change(""","fields":{"name":1e100000}"""),
                ErrorCode.Malformed
            },
            { "seq 0", Push(Op("void", Id, 0)), ErrorCode.SequenceGap },
            { "seq -1", Push(Op("void", Id, -1)), ErrorCode.SequenceGap },
            { "the largest seq", Push(Op("void", Id, long.MaxValue)), ErrorCode.SequenceGap },
            {
                "a seq left out",
                Push($"{Op("void", Id)},{Op("void", Id, 3)}"),
                ErrorCode.SequenceGap
            },
            { "a seq twice", Push($"{Op("void", Id)},{Op("void", Id)}"), ErrorCode.SequenceGap },
            { "another epoch", Push(Op("void", Id), epoch: "1"), ErrorCode.EpochChanged },
            { "a negative epoch", Push(Op("void", Id), epoch: "-1"), ErrorCode.EpochChanged },
            { "a cursor below 0", Pull("-1"), ErrorCode.CursorInvalid },
            { "a cursor beyond 53 bits", Pull("9007199254740992"), ErrorCode.CursorInvalid },
            { "an ack below 0", Ack("-1"), ErrorCode.CursorInvalid },
            { "verify of SQL", Verify("projects; drop table users"), ErrorCode.UnknownEntity },
            { "verify of a system table", Verify("sqlite_master"), ErrorCode.UnknownEntity },
            { "verify of an engine table", Verify("sync_log"), ErrorCode.UnknownEntity },
            {
                "a state too large",
                State($"\"{new string('x', 2_000)}\""),
                ErrorCode.ValueTooLarge
            },
            { "a state that is no text", State("\"\\ud800\""), ErrorCode.Malformed },
        };

    [Theory]
    [MemberData(nameof(Messages))]
    public async Task P19_A_bad_message_gets_its_error_and_the_socket_goes_on(
        string what,
        string message,
        ErrorCode code
    )
    {
        await using var device = await RawDevice.ConnectAsync(shared.Server, owner);
        await device.Socket.SendAsync(
            message
                .Replace("$OWNER", $"{owner}", StringComparison.Ordinal)
                .Replace("$EPOCH", $"{device.Epoch}", StringComparison.Ordinal)
        );
        var error = await device.Socket.ExpectAsync<ErrorMessage>();
        Assert.True(error.Code == code.Name(), $"{what}: {error}");
        await ExpectUsableAsync(device);
    }

    [Fact]
    public async Task A_binary_message_is_malformed_and_the_socket_goes_on()
    {
        await using var device = await RawDevice.ConnectAsync(shared.Server, owner);
        await device.Socket.SendAsync("""{"t":"ping"}"""u8.ToArray(), WebSocketMessageType.Binary);
        await device.Socket.ExpectErrorAsync(ErrorCode.Malformed);
        await ExpectUsableAsync(device);
    }

    [Fact]
    public async Task A_message_may_come_in_any_number_of_pieces()
    {
        await using var device = await RawDevice.ConnectAsync(shared.Server, owner);
        var message = """{"t":"ping","ref":7}"""u8.ToArray();
        for (var at = 0; at < message.Length; at++)
            await device.Socket.SendAsync(
                message.AsMemory(at, 1),
                WebSocketMessageType.Text,
                isEnd: at == message.Length - 1
            );
        Assert.Equal(7, (await device.Socket.ExpectAsync<PongMessage>()).Ref);
    }

    [Fact]
    public async Task A_message_of_exactly_the_limit_is_read()
    {
        await using var device = await RawDevice.ConnectAsync(shared.Server, owner);
        await device.Socket.SendAsync(Padded(Limits.FrameBytes));
        Assert.Equal(7, (await device.Socket.ExpectAsync<PongMessage>()).Ref);
    }

    [Fact]
    public async Task A_byte_more_is_too_large_and_ends_the_socket()
    {
        await using (var device = await RawDevice.ConnectAsync(shared.Server, owner))
        {
            await device.Socket.SendAsync(Padded(Limits.FrameBytes + 1));
            await ExpectTooLargeAsync(device);
        }
        await using var next = await RawDevice.ConnectAsync(shared.Server, owner);
        await ExpectUsableAsync(next);
    }

    [Fact]
    public async Task A_message_nests_so_deep_and_no_deeper()
    {
        await using var device = await RawDevice.ConnectAsync(shared.Server, owner);
        // The message, its changes, the change and its fields are around the value.
        var deepest = Nested(Limits.JsonDepth - 4);
        Assert.Equal(
            ChangeStatus.Applied,
            (await device.PushAsync(ProjectWith(deepest)))[0].Status
        );
        await device.SendAsync(ProjectWith(Nested(Limits.JsonDepth - 3)));
        await device.Socket.ExpectErrorAsync(ErrorCode.TooDeep);
        var entry = (await device.PullAsync(0, entities: ["projects"])).Changes.Single();
        Assert.Equal(deepest, entry.Fields["metadata"].AsText());

        static string Nested(int depth) => new string('[', depth) + new string(']', depth);

        static WireChange ProjectWith(string metadata) =>
            Edits.Create(
                "projects",
                Guid.NewGuid(),
                ("name", Edits.Text("deep")),
                ("metadata", FieldValue.Json(metadata))
            );
    }

    [Fact]
    public async Task A_message_that_never_ends_is_too_large_however_small_its_pieces()
    {
        await using var device = await RawDevice.ConnectAsync(shared.Server, owner);
        var piece = Encoding.UTF8.GetBytes(new string(' ', 16 * 1024));
        for (var sent = 0; sent <= Limits.FrameBytes; sent += piece.Length)
            await device.Socket.SendAsync(piece, WebSocketMessageType.Text, isEnd: false);
        await ExpectTooLargeAsync(device);
    }

    [Theory]
    [InlineData("an overlong encoding", new byte[] { 0xc0, 0xaf })]
    [InlineData("a surrogate", new byte[] { 0xed, 0xa0, 0x80 })]
    [InlineData("a byte that UTF-8 never has", new byte[] { 0xff })]
    public async Task P19_Invalid_UTF_8_ends_the_socket_and_the_next_one_works(
        string what,
        byte[] bytes
    )
    {
        await using (var device = await RawDevice.ConnectAsync(shared.Server, owner))
        {
            await device.Socket.SendAsync(
                (byte[])[.. """{"t":"token","token":" """u8, .. bytes, .. "\"}"u8],
                WebSocketMessageType.Text
            );
            // Whether the close or the reset behind it is seen first is the network's affair.
            var status = await device.Socket.ExpectEndAsync();
            Assert.True(status is null or WebSocketCloseStatus.InvalidPayloadData, what);
        }
        await using var next = await RawDevice.ConnectAsync(shared.Server, owner);
        await ExpectUsableAsync(next);
    }

    [Theory]
    [InlineData("not masked", new byte[] { 0x81, 0x02, 0x7b, 0x7d })]
    [InlineData("compressed", new byte[] { 0xc1, 0x82, 0, 0, 0, 0, 0x7b, 0x7d })]
    [InlineData("a reserved opcode", new byte[] { 0x83, 0x80, 0, 0, 0, 0 })]
    [InlineData("a continuation of nothing", new byte[] { 0x80, 0x80, 0, 0, 0, 0 })]
    [InlineData("a long ping", new byte[] { 0x89, 0xfe, 0x01, 0x00, 0, 0, 0, 0 })]
    [InlineData(
        "a negative length",
        new byte[] { 0x81, 0xff, 0xff, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0 }
    )]
    public async Task P19_Broken_framing_ends_the_socket_and_the_next_one_works(
        string what,
        byte[] frame
    )
    {
        using (var tcp = await RawTcp.UpgradeAsync(shared.Server, owner))
        {
            await tcp.SendAsync(frame);
            Assert.True(await tcp.IsEndedAsync(), what);
        }
        await using var next = await RawDevice.ConnectAsync(shared.Server, owner);
        await ExpectUsableAsync(next);
    }

    private static async Task ExpectUsableAsync(RawDevice device)
    {
        var verdict = Assert.Single(await device.PushAsync(Edits.Project()));
        Assert.Equal((1L, ChangeStatus.Applied), (verdict.Seq, verdict.Status));
    }

    private static async Task ExpectTooLargeAsync(RawDevice device)
    {
        await device.Socket.ExpectErrorAsync(ErrorCode.FrameTooLarge);
        Assert.Equal(WebSocketCloseStatus.MessageTooBig, await device.Socket.ExpectCloseAsync());
    }

    private static string Padded(int length) => """{"t":"ping","ref":7}""".PadRight(length);

    private static string Nest(int levels) => new string('[', levels) + new string(']', levels);

    private static string Push(string changes, string epoch = "$EPOCH") =>
        $$"""{"t":"push","owner":"$OWNER","epoch":{{epoch}},"settled":0,"changes":[{{changes}}]}""";

    private static string Op(string op, string change = Id, long seq = 1) =>
        $$"""{"seq":{{seq}},"change":"{{change}}","op":"{{op}}"}""";

    private static string Change(string more) =>
        Push(
            $$"""{"seq":1,"change":"{{Id}}","op":"create","entity":"projects","id":"{{Id}}"{{more}}}"""
        );

    private static string Pull(string since) =>
        $$"""{"t":"pull","owner":"$OWNER","epoch":$EPOCH,"since":{{since}}}""";

    private static string Ack(string version) =>
        $$"""{"t":"ack","owner":"$OWNER","epoch":$EPOCH,"version":{{version}}}""";

    private static string Verify(string entity) =>
        $$"""{"t":"verify","owner":"$OWNER","entities":["{{entity}}"]}""";

    private static string State(string json) => $$"""{"t":"presence","state":{{json}}}""";
}
