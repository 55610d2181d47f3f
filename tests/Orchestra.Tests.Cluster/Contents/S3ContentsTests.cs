using System.Net;
using Orchestra.Database.Contents;
using Orchestra.Sync;
using Orchestra.Sync.Contents;
using Orchestra.Sync.Errors;
using Orchestra.TestKit.Contents;

namespace Orchestra.Tests.Cluster.Contents;

/// <summary>Contents in a bucket: the contract, and what clients can do with addresses they are given.</summary>
public sealed class S3ContentsTests : IDisposable
{
    private readonly HttpClient http = new();
    private readonly OwnerId owner = new(Guid.NewGuid());
    private readonly SampleContents some = SampleContents.OfSize(300_000);

    public static TheoryData<string> Rules => ContentStoreContract.Rules;

    [S3Theory]
    [MemberData(nameof(Rules))]
    public async Task It_keeps_the_contract(string rule)
    {
        using var store = await OpenAsync();
        await new ContentStoreContract(store).KeepAsync(rule);
    }

    [S3Fact]
    public async Task P18_what_was_put_straight_into_the_bucket_is_there_once_it_was_verified()
    {
        using var store = await OpenAsync();
        var direct = (await store.FindUploadAsync(some.Of(owner), default)).Direct!;
        Assert.Equal(HttpStatusCode.OK, await PutAsync(direct, some.Bytes));
        Assert.Null(Assert.Single(await store.ListAsync(default).ToListAsync()).Upload);

        var state = await store.FindUploadAsync(some.Of(owner), default);
        Assert.Equal(some.Size, state.Offset);
        var content = some.As(state.Done!.Value);
        var stored = Assert.Single(await store.ListAsync(default).ToListAsync());
        Assert.Equal((content.Upload, content.Size), (stored.Upload, stored.Size));
        var place = await store.FindAsync(owner, content, default);
        using var answer = await http.GetAsync(place!.Url);
        Assert.Equal(some.Bytes, await answer.Content.ReadAsByteArrayAsync());
        Assert.Equal("application/octet-stream", $"{answer.Content.Headers.ContentType}");
        Assert.Equal("attachment", $"{answer.Content.Headers.ContentDisposition}");
        // The address is good for longer, but what comes now is verified anew.
        Assert.NotNull((await store.FindUploadAsync(some.Of(owner), default)).Direct);
    }

    [S3Fact]
    public async Task An_upload_that_was_not_asked_about_is_listed_and_can_be_deleted()
    {
        using var store = await OpenAsync();
        var direct = (await store.FindUploadAsync(some.Of(owner), default)).Direct!;
        await PutAsync(direct, some.Bytes);
        var stored = Assert.Single(await store.ListAsync(default).ToListAsync());
        Assert.Equal((owner, some.Hash, null), (stored.Owner, stored.Hash, stored.Upload));
        await store.DeleteAsync(stored, default);
        Assert.Empty(await store.ListAsync(default).ToListAsync());
    }

    [S3Fact]
    public async Task The_address_of_an_upload_takes_nothing_else()
    {
        using var store = await OpenAsync();
        var direct = (await store.FindUploadAsync(some.Of(owner), default)).Direct!;
        Assert.Equal(HttpStatusCode.Forbidden, await PutAsync(direct, some.Bytes[..^1]));
        Assert.Equal(HttpStatusCode.Forbidden, await PutAsync(direct, [.. some.Bytes, 1]));
        Assert.Equal(
            HttpStatusCode.BadRequest,
            await PutAsync(direct, SampleContents.OfSize(some.Bytes.Length).Bytes)
        );
        Assert.Equal(
            HttpStatusCode.Forbidden,
            await PutAsync(direct with { Headers = Other(direct) }, some.Bytes)
        );
        Assert.Equal(
            HttpStatusCode.Forbidden,
            await PutAsync(direct with { Headers = new Dictionary<string, string>() }, some.Bytes)
        );
        var elsewhere = direct.Url.AbsoluteUri.Replace(
            $"{owner}",
            $"{Guid.NewGuid()}",
            StringComparison.Ordinal
        );
        Assert.Equal(
            HttpStatusCode.Forbidden,
            await PutAsync(direct with { Url = new Uri(elsewhere) }, some.Bytes)
        );
        using var read = await http.GetAsync(direct.Url);
        Assert.Equal(HttpStatusCode.Forbidden, read.StatusCode);
        Assert.Empty(await store.ListAsync(default).ToListAsync());
    }

    [S3Fact]
    public async Task The_address_of_contents_shows_nothing_else_and_takes_nothing()
    {
        using var store = await OpenAsync();
        var (mine, other) = (
            await SendAsync(store, owner),
            await SendAsync(store, new(Guid.NewGuid()))
        );
        var url = (await store.FindAsync(owner, mine, default))!.Url!;
        var elsewhere = url.AbsoluteUri.Replace(
            $"{mine.Upload:N}",
            $"{other.Upload:N}",
            StringComparison.Ordinal
        );
        using var wrong = await http.GetAsync(new Uri(elsewhere));
        Assert.Equal(HttpStatusCode.Forbidden, wrong.StatusCode);
        using var write = await http.PutAsync(url, new ByteArrayContent([1]));
        Assert.Equal(HttpStatusCode.Forbidden, write.StatusCode);
        using var delete = await http.DeleteAsync(url);
        Assert.Equal(HttpStatusCode.Forbidden, delete.StatusCode);
    }

    [S3Fact]
    public async Task Addresses_end()
    {
        var server = await S3Server.SharedAsync();
        using var store = Open(
            await server.CreateBucketAsync() with
            {
                UploadFor = TimeSpan.FromSeconds(2),
                ReadFor = TimeSpan.FromSeconds(2),
            }
        );
        var content = await SendAsync(store, owner);
        var direct = (await store.FindUploadAsync(some.Of(owner), default)).Direct!;
        var url = (await store.FindAsync(owner, content, default))!.Url!;
        using var patience = new CancellationTokenSource(TimeSpan.FromMinutes(1));
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(200));
        while (await StatusAsync(url) != HttpStatusCode.Forbidden)
            await timer.WaitForNextTickAsync(patience.Token);
        while (await PutAsync(direct, some.Bytes) != HttpStatusCode.Forbidden)
            await timer.WaitForNextTickAsync(patience.Token);
    }

    /// <summary>A service that does not compare checksums takes anything of the right length.</summary>
    [S3Fact]
    public async Task P18_other_bytes_that_a_service_has_taken_are_found_out_and_deleted()
    {
        var server = await S3Server.SharedAsync();
        var options = await server.CreateBucketAsync();
        using var store = Open(options);
        foreach (var size in new[] { some.Bytes.Length, some.Bytes.Length - 1 })
        {
            await PutPendingAsync(options, SampleContents.OfSize(size).Bytes);
            Assert.Single(await store.ListAsync(default).ToListAsync());
            var fault = await Assert.ThrowsAsync<SyncException>(() =>
                store.FindUploadAsync(some.Of(owner), default)
            );
            Assert.Equal(ErrorCode.HashMismatch, fault.Code);
            Assert.Empty(await store.ListAsync(default).ToListAsync());
        }
        await PutPendingAsync(options, some.Bytes);
        Assert.NotNull((await store.FindUploadAsync(some.Of(owner), default)).Done);
    }

    [S3Fact]
    public async Task A_long_list_comes_in_pages()
    {
        var server = await S3Server.SharedAsync();
        using var store = Open(await server.CreateBucketAsync() with { PageKeys = 2 });
        var expected = new List<(OwnerId, Guid?)>();
        for (var each = 0; each < 3; each++)
        {
            var one = new OwnerId(Guid.NewGuid());
            expected.Add((one, (await SendAsync(store, one)).Upload));
            expected.Add((one, (await SendAsync(store, one)).Upload));
            await PutAsync(
                (await store.FindUploadAsync(some.Of(one), default)).Direct!,
                some.Bytes
            );
            expected.Add((one, null));
        }
        var list = await store.ListAsync(default).ToListAsync();
        Assert.Equal(
            expected.Select(pair => $"{pair}").Order(),
            list.Select(stored => $"{(stored.Owner, stored.Upload)}").Order()
        );
        Assert.Equal(
            list.Select(stored => $"{stored.Owner}").Order(StringComparer.Ordinal),
            list.Select(stored => $"{stored.Owner}")
        );
    }

    [S3Fact]
    public async Task With_a_wrong_key_the_store_is_unavailable()
    {
        var server = await S3Server.SharedAsync();
        var options = await server.CreateBucketAsync();
        await AssertUnavailableAsync(options with { SecretKey = "wrong" });
        await AssertUnavailableAsync(options with { AccessKey = "nobody" });
    }

    /// <summary>That nothing is there is all that a service says of an object in a bucket that is not.</summary>
    [S3Fact]
    public async Task Without_the_bucket_nothing_can_be_written_or_listed()
    {
        var server = await S3Server.SharedAsync();
        using var store = Open(await server.CreateBucketAsync() with { Bucket = "there-is-none" });
        using var bytes = new MemoryStream(some.Bytes);
        await RequireUnavailableAsync(() => store.ReceiveAsync(some.Of(owner), 0, bytes, default));
        await RequireUnavailableAsync(() => store.ListAsync(default).ToListAsync().AsTask());
    }

    [S3Fact]
    public async Task Without_the_service_the_store_is_unavailable()
    {
        await using var server = await S3Server.StartAsync();
        var options = await server.CreateBucketAsync();
        await server.PauseAsync();
        await AssertUnavailableAsync(options);
        await server.KillAsync();
        await AssertUnavailableAsync(options);
    }

    public void Dispose() => http.Dispose();

    private async Task AssertUnavailableAsync(S3Options options)
    {
        using var store = Open(options);
        var content = some.As(Guid.NewGuid());
        var stored = new StoredContent(owner, some.Hash, null, 0, DateTimeOffset.UnixEpoch);
        Func<Task>[] calls =
        [
            () => store.FindAsync(owner, content, default),
            () => store.OpenAsync(owner, content, default),
            () => store.DeleteAsync(stored, default),
            () => store.ListAsync(default).ToListAsync().AsTask(),
            () => store.ReceiveAsync(some.Of(owner), 0, new MemoryStream(some.Bytes), default),
            () => store.FindUploadAsync(some.Of(owner), default),
        ];
        await Task.WhenAll(calls.Select(RequireUnavailableAsync));
    }

    private static async Task RequireUnavailableAsync(Func<Task> call)
    {
        var fault = await Assert.ThrowsAsync<SyncException>(call);
        Assert.Equal(ErrorCode.StoreUnavailable, fault.Code);
        Assert.Equal("Contents cannot be read or written now", fault.Message);
        Assert.DoesNotContain("X-Amz-Signature", $"{fault}");
        Assert.DoesNotContain(S3Server.SecretKey, $"{fault}");
    }

    private static async Task<S3Contents> OpenAsync() =>
        Open(await (await S3Server.SharedAsync()).CreateBucketAsync());

    private static S3Contents Open(S3Options options) => new(options, TimeProvider.System);

    private async Task<Content> SendAsync(S3Contents store, OwnerId to)
    {
        using var bytes = new MemoryStream(some.Bytes);
        var state = await store.ReceiveAsync(some.Of(to), 0, bytes, default);
        return some.As(state.Done!.Value);
    }

    private async Task<HttpStatusCode> StatusAsync(Uri url)
    {
        using var answer = await http.GetAsync(url);
        return answer.StatusCode;
    }

    private async Task<HttpStatusCode> PutAsync(DirectUpload direct, byte[] bytes)
    {
        using var request = new HttpRequestMessage(HttpMethod.Put, direct.Url)
        {
            Content = new ByteArrayContent(bytes),
        };
        foreach (var (name, value) in direct.Headers)
            request.Headers.Add(name, value);
        using var answer = await http.SendAsync(request);
        return answer.StatusCode;
    }

    /// <summary>Signs for these bytes what then is called like others.</summary>
    private async Task PutPendingAsync(S3Options options, byte[] bytes)
    {
        using var bucket = new S3Bucket(options, TimeProvider.System);
        var none = new Dictionary<string, string>();
        var key = S3Keys.OfPending(owner, some.Hash);
        var url = await bucket.SignPutAsync(key, bytes.Length, none);
        Assert.Equal(HttpStatusCode.OK, await PutAsync(new(url, none), bytes));
    }

    private static Dictionary<string, string> Other(DirectUpload direct) =>
        new(direct.Headers) { ["x-amz-checksum-sha256"] = Convert.ToBase64String(new byte[32]) };
}
