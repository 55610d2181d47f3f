using Orchestra.Database.Postgres;
using Orchestra.Sync;
using Orchestra.TestKit.Embeddings;
using Orchestra.TestKit.Postgres;
using Orchestra.TestKit.Silos;
using Orchestra.Tests.Protocol;

namespace Orchestra.Tests.Meaning;

/// <summary>Of the clusters that share a database one at a time embeds.</summary>
[Collection(nameof(VectorDatabase))]
public sealed class EmbeddingLeaseTests(VectorDatabase vectors)
{
    private static readonly CancellationToken Never = CancellationToken.None;
    private static readonly TimeSpan Long = TimeSpan.FromMinutes(5);

    [VectorFact]
    public async Task The_lease_is_renewed_given_back_and_lost_by_whoever_is_late()
    {
        var database = await vectors.NewAsync();
        await using var opened = PostgresDatabase.Open(database.ConnectionString());
        var meaning = (await PostgresMeaning.OpenAsync(opened, Never))!;
        Assert.True(await meaning.LeadAsync("one", Long, Never));
        Assert.False(await meaning.LeadAsync("another", Long, Never));
        Assert.True(await meaning.LeadAsync("one", Long, Never));
        // Who has not got it cannot give it back.
        Assert.False(await meaning.LeadAsync("another", TimeSpan.Zero, Never));
        Assert.False(await meaning.LeadAsync("another", Long, Never));
        Assert.True(await meaning.LeadAsync("one", TimeSpan.Zero, Never));
        Assert.True(await meaning.LeadAsync("another", Long, Never));
        Assert.False(await meaning.LeadAsync("one", Long, Never));
        Assert.True(await meaning.LeadAsync("another", TimeSpan.FromMilliseconds(1), Never));
        await EmbeddedDatabase.UntilAsync(() => meaning.LeadAsync("one", Long, Never));
        Assert.False(await meaning.LeadAsync("another", Long, Never));
    }

    [VectorFact]
    public async Task Two_clusters_pay_for_a_text_once()
    {
        await using var endpoint = await EmbeddingEndpoint.StartAsync();
        var database = new EmbeddedDatabase(await vectors.NewAsync());
        var (asked, answer) = (new TaskCompletionSource(), new TaskCompletionSource());
        endpoint.Before = async (_, _) =>
        {
            asked.TrySetResult();
            await answer.Task;
            return false;
        };
        await using var one = await StartAsync("one");
        var owner = SharedServer.NewOwner();
        await using var device = await RawDevice.ConnectAsync(one, owner);
        await device.PushAsync([Edits.Note(Guid.NewGuid(), "moon")]);
        await asked.Task;
        // It looks at everybody when it starts, and when somebody writes there.
        await using var another = await StartAsync("another");
        await using var second = await RawDevice.ConnectAsync(another, owner);
        await second.PushAsync([Edits.Note(Guid.NewGuid(), "milk")]);
        await Task.Delay(TimeSpan.FromSeconds(1));
        answer.SetResult();
        await EmbeddedDatabase.UntilAsync(() => Task.FromResult(endpoint.Paid.Count >= 2));
        await database.DoneAsync();
        Assert.Equal(endpoint.Paid.Distinct().Count(), endpoint.Paid.Count);

        Task<RunningSilo> StartAsync(string cluster) =>
            RunningSilo.StartAsync(
                null,
                [.. database.Settings, .. endpoint.Settings, ("Orchestra:Cluster:Id", cluster)]
            );
    }
}
