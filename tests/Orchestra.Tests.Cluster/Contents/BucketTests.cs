using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Security.Cryptography;
using System.Text.Json;
using Orchestra.Client;
using Orchestra.Sync;
using Orchestra.TestKit.Contents;
using Orchestra.TestKit.Silos;

namespace Orchestra.Tests.Cluster.Contents;

/// <summary>A silo that keeps contents in a bucket, as devices use it.</summary>
public sealed class BucketTests
{
    private readonly SampleContents some = SampleContents.OfSize(200_000);

    private string Address => $"/v1/contents/{some.Hash}";

    [S3Fact]
    public async Task P18_contents_go_straight_to_the_bucket_and_come_from_there()
    {
        await using var silo = await StartAsync();
        var owner = new OwnerId(Guid.NewGuid());
        using var device = await DeviceAsync(silo, owner);
        var begun = await BeginAsync(device, HttpStatusCode.Accepted);
        Assert.Equal("missing", begun.GetProperty("state").GetString());
        Assert.False(begun.TryGetProperty("offset", out _));
        Assert.Equal(HttpStatusCode.NotFound, await StatusAsync(device));

        using var plain = new HttpClient();
        using var put = new HttpRequestMessage(HttpMethod.Put, begun.GetProperty("url").GetString())
        {
            Content = new ByteArrayContent(some.Bytes),
        };
        foreach (var header in begun.GetProperty("headers").EnumerateObject())
            put.Headers.Add(header.Name, header.Value.GetString());
        using var sent = await plain.SendAsync(put);
        Assert.Equal(HttpStatusCode.OK, sent.StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, await StatusAsync(device));

        var ended = await BeginAsync(device, HttpStatusCode.Created);
        Assert.Equal("present", ended.GetProperty("state").GetString());
        await BeginAsync(device, HttpStatusCode.OK);

        using var follow = await device.GetAsync(Address);
        Assert.Equal(HttpStatusCode.TemporaryRedirect, follow.StatusCode);
        Assert.True(follow.Headers.CacheControl!.NoStore);
        Assert.Equal(some.Bytes, await plain.GetByteArrayAsync(follow.Headers.Location));

        using var stranger = await DeviceAsync(silo, new OwnerId(Guid.NewGuid()));
        Assert.Equal(HttpStatusCode.NotFound, await StatusAsync(stranger));
        Assert.DoesNotContain(silo.Log, line => line.Contains("X-Amz-", StringComparison.Ordinal));
    }

    [S3Fact]
    public async Task A_device_that_does_not_reach_the_bucket_sends_through_the_gateway()
    {
        await using var silo = await StartAsync();
        using var device = await DeviceAsync(silo, new OwnerId(Guid.NewGuid()));
        await BeginAsync(device, HttpStatusCode.Accepted);
        using var sent = await device.PutAsync(Address, new ByteArrayContent(some.Bytes));
        Assert.Equal(HttpStatusCode.Created, sent.StatusCode);
        Assert.Equal(HttpStatusCode.TemporaryRedirect, await StatusAsync(device));
    }

    [S3Fact]
    public async Task P18_Clients_find_the_way_by_themselves()
    {
        await using var silo = await StartAsync();
        var owner = new OwnerId(Guid.NewGuid());
        await using var ada = await ClientAsync(silo, owner);
        await using var bob = await ClientAsync(silo, owner);
        // Small ones go with one request, by way of the gateway; large ones past it.
        foreach (var size in new[] { 1_000, 5_000_000 })
        {
            var bytes = RandomNumberGenerator.GetBytes(size);
            var hash = await ada.Contents.PutAsync(new MemoryStream(bytes));
            await ada.SyncAsync();
            Assert.Equal(0, (await ada.Contents.ReadStatusAsync()).Pending);
            await using var stream = await bob.Contents.OpenReadAsync(hash);
            var copy = new MemoryStream();
            await stream.CopyToAsync(copy);
            Assert.Equal(bytes, copy.ToArray());
        }
    }

    private static Task<OrchestraClient> ClientAsync(RunningSilo silo, OwnerId owner) =>
        OrchestraClient.OpenAsync(
            new ClientOptions
            {
                Database = Path.Combine(silo.Folder, $"{Guid.NewGuid():N}.db"),
                Server = silo.Gateway,
                Token = (_, _) => silo.TokenAsync(owner),
            }
        );

    private static async Task<RunningSilo> StartAsync()
    {
        var bucket = await (await S3Server.SharedAsync()).CreateBucketAsync();
        return await RunningSilo.StartAsync(
            null,
            ("Orchestra:Contents:Directory", ""),
            ("Orchestra:Contents:S3:Bucket", bucket.Bucket),
            ("Orchestra:Contents:S3:Url", $"{bucket.Url}"),
            ("Orchestra:Contents:S3:AccessKey", bucket.AccessKey!),
            ("Orchestra:Contents:S3:SecretKey", bucket.SecretKey!)
        );
    }

    private static async Task<HttpClient> DeviceAsync(RunningSilo silo, OwnerId owner)
    {
        var http = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false })
        {
            BaseAddress = silo.Gateway,
        };
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue(
            "Bearer",
            await silo.TokenAsync(owner)
        );
        return http;
    }

    private async Task<JsonElement> BeginAsync(HttpClient device, HttpStatusCode expected)
    {
        using var answer = await device.PostAsync($"{Address}?size={some.Size}", null);
        Assert.Equal(expected, answer.StatusCode);
        return await answer.Content.ReadFromJsonAsync<JsonElement>();
    }

    private async Task<HttpStatusCode> StatusAsync(HttpClient device)
    {
        using var answer = await device.GetAsync(Address);
        return answer.StatusCode;
    }
}
