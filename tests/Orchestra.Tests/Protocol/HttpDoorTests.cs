using System.Net;
using System.Text;
using Orchestra.Sync;
using Orchestra.Sync.Errors;
using Orchestra.Sync.Wire;
using Orchestra.TestKit.Silos;

namespace Orchestra.Tests.Protocol;

/// <summary>The HTTP door by itself; <see cref="BothDoorsTests"/> holds it against the other.</summary>
[Collection(nameof(SharedServer))]
public sealed class HttpDoorTests(SharedServer shared)
{
    private readonly OwnerId owner = SharedServer.NewOwner();
    private readonly WireDevice device = RawDevice.NewDevice();

    [Fact]
    public async Task A_push_registers_its_device_and_is_answered_once_it_is_durable()
    {
        await using var listener = await RawDevice.ConnectAsync(shared.Server, owner);
        var id = Guid.NewGuid();
        var push = NewPush(listener.Epoch, Edits.Project(id));
        var answer = await (await OpenAsync()).PushAsync(push);
        Assert.Equal(HttpStatusCode.OK, answer.Status);
        var verdict = Assert.Single(Assert.IsType<PushedMessage>(answer.Message).Results);
        Assert.Equal(ChangeStatus.Applied, verdict.Status);

        var seen = await listener.ReadUntilAsync(verdict.Version!.Value);
        Assert.Contains(seen.SelectMany(frame => frame.Changes), entry => entry.Id == id);
        var listed = WireCodec.ReadDevices((await GetAsync("/v1/devices")).Utf8);
        Assert.Contains(listed.Devices, row => row.Id == device.Id);
    }

    [Fact]
    public async Task P4_A_repeated_push_gets_the_first_answer_over_either_door()
    {
        await using var socket = await RawDevice.ConnectAsync(shared.Server, owner, device);
        var push = NewPush(socket.Epoch, Edits.Project());
        var door = await OpenAsync();
        var first = Assert.IsType<PushedMessage>((await door.PushAsync(push)).Message).Results[0];
        var again = Assert.IsType<PushedMessage>((await door.PushAsync(push)).Message).Results[0];
        await socket.Socket.SendAsync(push with { Device = null });
        var there = (await socket.Socket.ExpectAsync<PushedMessage>()).Results[0];

        Assert.Equal((ChangeStatus.Duplicate, first.Version), (again.Status, again.Version));
        Assert.Equal((ChangeStatus.Duplicate, first.Version), (there.Status, there.Version));
    }

    [Fact]
    public async Task A_body_of_exactly_the_limit_is_read_and_a_byte_more_is_too_large()
    {
        await using var socket = await RawDevice.ConnectAsync(shared.Server, owner, device);
        var push = Encoding.UTF8.GetString(WireCodec.Write(NewPush(socket.Epoch, Edits.Project())));
        var full = await PostAsync(push.PadRight(Limits.FrameBytes));
        var over = await PostAsync(push.PadRight(Limits.FrameBytes + 1));
        Assert.Equal(HttpStatusCode.OK, full.Status);
        Assert.Equal(
            (HttpStatusCode.RequestEntityTooLarge, "frame_too_large"),
            (over.Status, over.Error.Code)
        );
    }

    [Fact]
    public async Task A_body_that_does_not_say_how_long_it_is_is_measured_all_the_same()
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/push");
        request.Headers.Add("Authorization", $"Bearer {await shared.Server.TokenAsync(owner)}");
        request.Headers.TransferEncodingChunked = true;
        request.Content = new StreamContent(new MemoryStream(new byte[Limits.FrameBytes + 1]));
        var answer = await HttpAnswer.OfAsync(await shared.Server.Http.SendAsync(request));
        Assert.Equal("frame_too_large", answer.Error.Code);
    }

    [Theory]
    [InlineData("")]
    [InlineData("not JSON")]
    [InlineData("""{"t":"ping"}""")]
    [InlineData("""{"t":"hello","protocol":1}""")]
    public async Task What_is_no_push_is_malformed(string body) =>
        Assert.Equal("malformed", (await PostAsync(body)).Error.Code);

    [Fact]
    public async Task A_push_without_a_device_is_malformed()
    {
        var push = NewPush(0, Edits.Project()) with { Device = null };
        var answer = await (await OpenAsync()).PushAsync(push);
        Assert.Equal(("malformed", "device"), (answer.Error.Code, answer.Error.Field));
    }

    [Theory]
    [InlineData("epoch=0&since=0", "owner")]
    [InlineData("owner=$OWNER&since=0", "epoch")]
    [InlineData("owner=$OWNER&epoch=0", "since")]
    [InlineData("owner=x&epoch=0&since=0", "owner")]
    [InlineData("owner=$UPPER&epoch=0&since=0", "owner")]
    [InlineData("owner=$OWNER&owner=$OWNER&epoch=0&since=0", "owner")]
    [InlineData("owner=$OWNER&epoch=0.5&since=0", "epoch")]
    [InlineData("owner=$OWNER&epoch=0&since=99999999999999999999", "since")]
    [InlineData("owner=$OWNER&epoch=0&since=0&mark=x", "mark")]
    [InlineData("owner=$OWNER&epoch=0&since=0&limit=0", "limit")]
    [InlineData("owner=$OWNER&epoch=0&since=0&limit=5001", "limit")]
    public async Task A_query_that_cannot_be_read_is_malformed(string query, string field)
    {
        query = query
            .Replace("$OWNER", $"{owner}", StringComparison.Ordinal)
            .Replace("$UPPER", $"{owner}".ToUpperInvariant(), StringComparison.Ordinal);
        var answer = await GetAsync($"/v1/changes?{query}");
        Assert.Equal(HttpStatusCode.BadRequest, answer.Status);
        Assert.Equal(("malformed", field), (answer.Error.Code, answer.Error.Field));
    }

    [Fact]
    public async Task P12_Pages_of_any_size_amount_to_the_same()
    {
        await using var socket = await RawDevice.ConnectAsync(shared.Server, owner);
        var changes = Enumerable.Range(0, 30).Select(n => Edits.Project($"{n}"));
        await socket.PushAsync([.. changes]);
        var whole = await ReadAllAsync(socket.Epoch, 5_000);
        Assert.Equal(32, whole.Count);
        foreach (var limit in new[] { 1, 2, 7, 31 })
            Assert.Equal(whole, await ReadAllAsync(socket.Epoch, limit));
    }

    [Fact]
    public async Task Nothing_that_was_sent_here_is_a_reason_to_complain()
    {
        await using var quiet = await RunningSilo.StartAsync();
        var door = await HttpDoor.OpenAsync(quiet, owner);
        await using (var socket = await RawDevice.ConnectAsync(quiet, owner))
        {
            for (var n = 0; n < 3; n++)
                await door.PushAsync(NewPush(socket.Epoch, Edits.Project()));
            await door.SendAsync(HttpMethod.Post, "/v1/push", new byte[Limits.FrameBytes + 1]);
            await door.SendAsync(HttpMethod.Post, "/v1/push", "not JSON"u8.ToArray());
        }
        await quiet.StopAsync();
        Assert.Equal("", string.Join('\n', quiet.Complaints));
    }

    private async Task<List<(long Version, Guid Id)>> ReadAllAsync(long epoch, int limit)
    {
        var entries = new List<(long, Guid)>();
        var query = "since=0";
        ChangesMessage page;
        do
        {
            var path = $"/v1/changes?owner={owner}&epoch={epoch}&limit={limit}&{query}";
            page = Assert.IsType<ChangesMessage>((await GetAsync(path)).Message);
            Assert.True(page.Changes.Count <= limit);
            entries.AddRange(page.Changes.Select(entry => (entry.Version, entry.Id)));
            query = $"since={page.To}&mark={page.Mark}&floor={page.Floor}";
        } while (page.More);
        return entries;
    }

    private PushMessage NewPush(long epoch, WireChange change) =>
        new(owner, epoch, 0, [change with { Seq = 1 }], Device: device);

    private Task<HttpDoor> OpenAsync() => HttpDoor.OpenAsync(shared.Server, owner);

    private async Task<HttpAnswer> GetAsync(string path) =>
        await (await OpenAsync()).GetAsync(path);

    private async Task<HttpAnswer> PostAsync(string body) =>
        await (await OpenAsync()).SendAsync(
            HttpMethod.Post,
            "/v1/push",
            Encoding.UTF8.GetBytes(body)
        );
}
