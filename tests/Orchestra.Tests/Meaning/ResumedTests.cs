using Orchestra.Sync;
using Orchestra.TestKit.Embeddings;
using Orchestra.TestKit.Postgres;
using Orchestra.TestKit.Processes;
using Orchestra.TestKit.Silos;
using Orchestra.Tests.Protocol;

namespace Orchestra.Tests.Meaning;

/// <summary>Embedding goes on where it was, whatever stops or dies, and the endpoint is paid once.</summary>
[Collection(nameof(VectorDatabase))]
public sealed class ResumedTests(VectorDatabase vectors) : IAsyncLifetime
{
    private const int Notes = 200;
    private const int AtOnce = 64;

    private readonly OwnerId owner = SharedServer.NewOwner();
    private EmbeddingEndpoint endpoint = null!;
    private EmbeddedDatabase database = null!;
    private int request;

    public async Task InitializeAsync()
    {
        if (!VectorFactAttribute.IsThere)
            return;
        endpoint = await EmbeddingEndpoint.StartAsync();
        database = new(await vectors.NewAsync());
    }

    public async Task DisposeAsync()
    {
        if (VectorFactAttribute.IsThere)
            await endpoint.DisposeAsync();
    }

    [VectorFact]
    public async Task A_silo_that_is_stopped_midway_pays_for_no_text_twice()
    {
        var (asked, answer) = (new TaskCompletionSource(), new TaskCompletionSource());
        endpoint.Before = async (_, _) =>
        {
            if (Interlocked.Increment(ref request) != 2)
                return false;
            asked.SetResult();
            await answer.Task;
            return false;
        };
        await using var silo = await RunningSilo.StartAsync(
            null,
            [.. database.Settings, .. endpoint.Settings]
        );
        await PushAsync(silo.Gateway, await silo.TokenAsync(owner));
        await asked.Task;
        var stop = silo.StopAsync();
        answer.SetResult();
        await stop;
        Assert.Equal(2 * AtOnce, endpoint.Paid.Count);
        await silo.RestartAsync();
        await database.DoneAsync();
        Assert.Equal(Notes, endpoint.Paid.Count);
        Assert.Equal(Notes, endpoint.Paid.Distinct().Count());
    }

    [VectorFact]
    public async Task Silo_endpoint_and_store_are_killed_and_everything_is_embedded()
    {
        var moments = new List<TaskCompletionSource> { new(), new(), new() };
        var goOn = new TaskCompletionSource();
        endpoint.Before = async (context, texts) =>
        {
            var number = Interlocked.Increment(ref request);
            // The second was paid for when the silo dies, the third breaks off, the fourth finds no store.
            if (number is 2 or 4)
                foreach (var text in texts)
                    endpoint.Paid.Enqueue(text);
            if (number is >= 2 and <= 4)
                moments[number - 2].SetResult();
            if (number is 2 or 3)
                await Task.Delay(Timeout.Infinite, context.RequestAborted).ContinueWith(_ => { });
            if (number != 4)
                return number is 2 or 3;
            await goOn.Task;
            return await EmbeddingEndpoint.AnswerAsync(
                context,
                texts.Select(WordVectors.Of),
                isBase64: true
            );
        };
        await using var silo = await SiloProcess.StartAsync([
            .. database
                .Settings.Concat(endpoint.Settings)
                .Select(pair =>
                    (pair.Key.Replace(":", "__", StringComparison.Ordinal), pair.Value)
                ),
        ]);
        await PushAsync(silo.Gateway, await silo.GetTokenAsync(owner.Value));
        await moments[0].Task;
        await silo.KillAsync();
        await silo.RestartAsync();
        await moments[1].Task;
        await endpoint.KillAsync();
        await endpoint.RestartAsync();
        await moments[2].Task;
        await vectors.Server.KillAsync();
        goOn.SetResult();
        await vectors.Server.RestartAsync();
        await database.DoneAsync();

        Assert.Equal(Notes, endpoint.Paid.Distinct().Count());
        // Only what the silo took with it was paid for again.
        Assert.Equal(Notes + AtOnce, endpoint.Paid.Count);
        Assert.Equal(
            (long)Notes,
            await database.RunAsync(
                "select count(embedding) from orchestra.notes_embedding join orchestra.notes using (owner_id, id)"
            )
        );
        Assert.Empty(endpoint.Faults);
    }

    private async Task PushAsync(Uri gateway, string token)
    {
        await using var device = await RawDevice.ConnectAsync(gateway, token, owner);
        await device.PushAsync([
            .. Enumerable.Range(0, Notes).Select(i => Edits.Note(Guid.NewGuid(), $"note {i}")),
        ]);
    }
}
