using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using Orchestra.Sync;
using Orchestra.Sync.Contents;
using Orchestra.Sync.Wire;
using Orchestra.TestKit.Silos;

namespace Orchestra.Tests.Protocol;

/// <summary>Contents of files, by hand: what is taken, what is refused, who sees what.</summary>
[Collection(nameof(SharedServer))]
public sealed class ContentTests(SharedServer shared)
{
    private readonly OwnerId owner = SharedServer.NewOwner();
    private readonly byte[] bytes = RandomNumberGenerator.GetBytes(300_000);

    private ContentHash Hash => ContentHash.Of(SHA256.HashData(bytes));

    [Fact]
    public async Task P18_They_come_in_parts_and_are_seen_when_they_are_whole()
    {
        await using var other = await RawDevice.ConnectAsync(shared.Server, owner);
        Assert.Equal((ContentState.Missing, 0), await AskAsync());
        Assert.Equal((ContentState.Missing, 100_000), await PutAsync(0, 100_000));
        Assert.Equal(HttpStatusCode.NotFound, (await GetAsync()).StatusCode);
        // From elsewhere nothing is taken.
        Assert.Equal((ContentState.Missing, 100_000), await PutAsync(5, 300_000));
        Assert.Equal((ContentState.Missing, 100_000), await AskAsync());
        Assert.Empty((await other.PullAsync(0, entities: ["contents"])).Changes);

        Assert.Equal((ContentState.Present, null), await PutAsync(100_000, 300_000));
        Assert.Equal(bytes, await (await GetAsync()).Content.ReadAsByteArrayAsync());
        Assert.Equal((ContentState.Present, null), await AskAsync());
        var row = Assert.Single((await other.PullAsync(0, entities: ["contents"])).Changes);
        Assert.Equal(FieldValue.Text(Hash.Hex), row.Fields["hash"]);
        Assert.Equal(FieldValue.Integer(bytes.Length), row.Fields["size"]);
    }

    [Fact]
    public async Task P18_What_is_not_what_it_was_said_to_be_is_refused_and_nothing_of_it_kept()
    {
        bytes[^1] ^= 1;
        var expected = Hash;
        bytes[^1] ^= 1;
        var answer = await SendAsync(HttpMethod.Put, expected.Hex, new ByteArrayContent(bytes));
        Assert.Equal("hash_mismatch", await CodeOfAsync(answer));
        Assert.Equal((ContentState.Missing, 0), await AskAsync(expected));
        answer = await SendAsync(HttpMethod.Get, expected.Hex);
        Assert.Equal("not_found", await CodeOfAsync(answer));
    }

    [Fact]
    public async Task P14_Each_owner_has_his_own_and_learns_nothing_of_others()
    {
        Assert.Equal((ContentState.Present, null), await PutAsync(0, bytes.Length));
        var stranger = SharedServer.NewOwner();
        var answer = await SendAsync(HttpMethod.Get, Hash.Hex, null, stranger);
        Assert.Equal("not_found", await CodeOfAsync(answer));
        Assert.Equal((ContentState.Missing, 0), await AskAsync(Hash, stranger));
        Assert.Equal(
            HttpStatusCode.Unauthorized,
            (await shared.Server.Http.GetAsync($"/v1/contents/{Hash}")).StatusCode
        );
    }

    [Fact]
    public async Task A_range_is_a_part_and_the_tag_is_the_hash()
    {
        await PutAsync(0, bytes.Length);
        var part = await SendAsync(HttpMethod.Get, Hash.Hex, range: new(1_000, 1_999));
        Assert.Equal(HttpStatusCode.PartialContent, part.StatusCode);
        Assert.Equal(bytes[1_000..2_000], await part.Content.ReadAsByteArrayAsync());
        Assert.Equal($"\"{Hash}\"", part.Headers.ETag!.Tag);
        var head = await SendAsync(HttpMethod.Head, Hash.Hex);
        Assert.Equal(bytes.Length, head.Content.Headers.ContentLength);
        Assert.Equal("attachment", head.Content.Headers.ContentDisposition!.DispositionType);
        Assert.Equal(["nosniff"], head.Headers.GetValues("X-Content-Type-Options"));
    }

    [Fact]
    public async Task Nothing_at_all_hwhosea_hash_too()
    {
        var none = ContentHash.Of(SHA256.HashData([]));
        var answer = await SendAsync(HttpMethod.Put, none.Hex, new ByteArrayContent([]));
        Assert.Equal(HttpStatusCode.Created, answer.StatusCode);
        Assert.Empty(
            await (await SendAsync(HttpMethod.Get, none.Hex)).Content.ReadAsByteArrayAsync()
        );
    }

    [Theory]
    [InlineData("POST", "nonsense?size=5", "invalid_value")]
    [InlineData("POST", "{hash}", "malformed")]
    [InlineData("POST", "{hash}?size=-1", "invalid_value")]
    [InlineData("POST", "{hash}?size=five", "malformed")]
    [InlineData("POST", "{hash}?size=9007199254740991", "value_too_large")]
    [InlineData("GET", "{HASH}", "invalid_value")]
    [InlineData("GET", "..%2f..%2fsilo.lock", "invalid_value")]
    public async Task What_makes_no_sense_hwhosea_code(string method, string what, string code)
    {
        var path = what.Replace("{hash}", Hash.Hex, StringComparison.Ordinal)
            .Replace("{HASH}", Hash.Hex.ToUpperInvariant(), StringComparison.Ordinal);
        Assert.Equal(code, await CodeOfAsync(await SendAsync(new HttpMethod(method), path)));
    }

    [Theory]
    [InlineData("bytes 0-99/50", "malformed")]
    [InlineData("bytes */300000", "malformed")]
    [InlineData("bytes 0-99/*", "malformed")]
    [InlineData("lines 0-99/300000", "malformed")]
    [InlineData("bytes 0-99/100", "invalid_value")]
    public async Task So_has_a_part_that_is_none(string range, string code)
    {
        var body = new ByteArrayContent(bytes);
        body.Headers.TryAddWithoutValidation("Content-Range", range);
        Assert.Equal(code, await CodeOfAsync(await SendAsync(HttpMethod.Put, Hash.Hex, body)));
        // Whatever was refused, the right thing is taken afterwards.
        Assert.Equal((ContentState.Present, null), await PutAsync(0, bytes.Length));
    }

    private async Task<(ContentState State, long? Offset)> AskAsync(
        ContentHash? hash = null,
        OwnerId? whose = null
    )
    {
        var path = $"{hash ?? Hash}?size={bytes.Length}";
        return await StateOfAsync(await SendAsync(HttpMethod.Post, path, null, whose));
    }

    private async Task<(ContentState State, long? Offset)> PutAsync(int from, int to)
    {
        var body = new ByteArrayContent(bytes[from..to]);
        body.Headers.ContentRange = new(from, to - 1, bytes.Length);
        return await StateOfAsync(await SendAsync(HttpMethod.Put, Hash.Hex, body));
    }

    private Task<HttpResponseMessage> GetAsync() => SendAsync(HttpMethod.Get, Hash.Hex);

    private async Task<HttpResponseMessage> SendAsync(
        HttpMethod method,
        string path,
        HttpContent? body = null,
        OwnerId? whose = null,
        RangeHeaderValue? range = null
    )
    {
        using var request = new HttpRequestMessage(method, $"/v1/contents/{path}");
        request.Content = body;
        request.Headers.Range = range;
        var token = await shared.Server.TokenAsync(whose ?? owner);
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        return await shared.Server.Http.SendAsync(request);
    }

    private static async Task<(ContentState State, long? Offset)> StateOfAsync(
        HttpResponseMessage answer
    )
    {
        var content = WireCodec.ReadContent(await answer.Content.ReadAsByteArrayAsync());
        return (content.State, content.Offset);
    }

    private static async Task<string> CodeOfAsync(HttpResponseMessage answer) =>
        Assert
            .IsType<ErrorMessage>(
                WireCodec.ReadServerMessage(await answer.Content.ReadAsByteArrayAsync())
            )
            .Code;
}
