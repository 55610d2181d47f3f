using Orchestra.Database.Embeddings;
using Orchestra.Sync;
using Orchestra.Sync.Errors;
using Orchestra.TestKit.Embeddings;

namespace Orchestra.Tests.Meaning;

/// <summary>An endpoint is asked no faster than was said, and nobody takes all of it.</summary>
public sealed class EmbeddingPaceTests : IAsyncLifetime
{
    private static readonly CancellationToken Never = CancellationToken.None;

    /// <summary>What does not go through by then would not for a minute.</summary>
    private static readonly TimeSpan While = TimeSpan.FromMilliseconds(500);

    private readonly OwnerId ada = new(Guid.NewGuid());
    private readonly OwnerId eve = new(Guid.NewGuid());
    private EmbeddingEndpoint endpoint = null!;

    public async Task InitializeAsync() => endpoint = await EmbeddingEndpoint.StartAsync();

    public async Task DisposeAsync() => await endpoint.DisposeAsync();

    [Fact]
    public async Task However_much_an_owner_searches_he_leaves_something_to_others()
    {
        using var embedder = Embedder(requests: 60);
        var refusal = await AskUntilRefusedAsync(embedder, ada);
        Assert.NotNull(refusal.RetryAfter);
        await embedder.EmbedQueryAsync(eve, "milk", Never);
        await AskUntilRefusedAsync(embedder, ada);
        await embedder.EmbedQueryAsync(eve, "bread", Never);
    }

    [Fact]
    public async Task However_many_owners_search_the_endpoint_is_asked_no_more_than_was_said()
    {
        using var embedder = Embedder(requests: 60);
        var owners = Enumerable.Range(0, 30).Select(_ => new OwnerId(Guid.NewGuid())).ToList();
        var refused = 0;
        foreach (var owner in owners)
            try
            {
                await embedder.EmbedQueryAsync(owner, "milk", Never);
            }
            catch (SyncException e) when (e.Code == ErrorCode.RateLimited)
            {
                refused++;
            }
        Assert.Equal(owners.Count - refused, endpoint.Requests);
        Assert.NotEqual(0, refused);
    }

    [Fact]
    public async Task Requests_for_rows_wait_and_keep_no_search_waiting()
    {
        using var embedder = Embedder(requests: 1);
        await embedder.EmbedAsync(["milk"], Never);
        await RequireWaitingAsync(embedder, "bread");
        Assert.Equal(1, endpoint.Requests);
        await embedder.EmbedQueryAsync(ada, "moon", Never);
    }

    [Fact]
    public async Task What_is_sent_in_a_minute_has_a_limit_too()
    {
        using var embedder = Embedder(requests: 0, bytes: 100);
        Assert.Equal(100, embedder.Most.Bytes);
        await embedder.EmbedAsync([new string('a', 60), new string('b', 40)], Never);
        await RequireWaitingAsync(embedder, new string('a', 100));
        Assert.Equal(1, endpoint.Requests);
    }

    [Fact]
    public async Task Without_a_limit_nothing_waits()
    {
        using var embedder = Embedder(requests: 0);
        for (var i = 0; i < 40; i++)
        {
            await embedder.EmbedAsync(["milk"], Never);
            await embedder.EmbedQueryAsync(ada, "milk", Never);
        }
        Assert.Equal(80, endpoint.Requests);
    }

    private static async Task RequireWaitingAsync(OpenAiEmbedder embedder, string text)
    {
        using var end = new CancellationTokenSource(While);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() =>
            embedder.EmbedAsync([text], end.Token)
        );
    }

    private static async Task<SyncException> AskUntilRefusedAsync(
        OpenAiEmbedder embedder,
        OwnerId owner
    )
    {
        for (var i = 0; i < 1_000; i++)
            try
            {
                await embedder.EmbedQueryAsync(owner, "moon", Never);
            }
            catch (SyncException e)
            {
                Assert.Equal(ErrorCode.RateLimited, e.Code);
                return e;
            }
        throw new InvalidOperationException("Nothing was ever refused");
    }

    private OpenAiEmbedder Embedder(int requests, int bytes = 0)
    {
        var settings = endpoint.Settings.ToDictionary(pair => pair.Key, pair => pair.Value);
        return new(
            new(
                new Uri(settings["Orchestra:Embeddings:Url"]),
                EmbeddingEndpoint.Model,
                EmbeddingEndpoint.Key,
                requests,
                bytes
            )
        );
    }
}
