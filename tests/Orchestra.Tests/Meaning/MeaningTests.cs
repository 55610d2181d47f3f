using System.Net;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http;
using Orchestra.Sync;
using Orchestra.Sync.Contents;
using Orchestra.Sync.Search;
using Orchestra.Sync.Wire;
using Orchestra.TestKit.Embeddings;
using Orchestra.TestKit.Postgres;
using Orchestra.TestKit.Silos;
using Orchestra.Tests.Protocol;

namespace Orchestra.Tests.Meaning;

/// <summary>Search by meaning over HTTP, with a model that stands in, as docs/search.md has it.</summary>
[Collection(nameof(VectorDatabase))]
public sealed class MeaningTests(VectorDatabase vectors) : IAsyncLifetime
{
    private readonly OwnerId ada = SharedServer.NewOwner();
    private readonly OwnerId eve = SharedServer.NewOwner();
    private EmbeddingEndpoint endpoint = null!;
    private EmbeddedDatabase database = null!;
    private RunningSilo silo = null!;

    public async Task InitializeAsync()
    {
        if (!VectorFactAttribute.IsThere)
            return;
        endpoint = await EmbeddingEndpoint.StartAsync();
        database = new(await vectors.NewAsync());
        silo = await RunningSilo.StartAsync(null, [.. database.Settings, .. endpoint.Settings]);
    }

    public async Task DisposeAsync()
    {
        if (!VectorFactAttribute.IsThere)
            return;
        Assert.DoesNotContain(
            silo.Log,
            line => line.Contains(EmbeddingEndpoint.Key, StringComparison.Ordinal)
        );
        await silo.DisposeAsync();
        await endpoint.DisposeAsync();
        Assert.Empty(endpoint.Faults);
    }

    [VectorFact]
    public async Task What_was_pushed_is_found_by_what_it_is_about_and_never_paid_for_twice()
    {
        await using var device = await RawDevice.ConnectAsync(silo, ada);
        var (rocket, milk, plan) = (Guid.NewGuid(), Guid.NewGuid(), Guid.NewGuid());
        await device.PushAsync([
            Note(rocket, "a rocket flies to the moon"),
            Note(milk, "milk and bread for breakfast"),
            Note(plan, "moon rocket moon"),
        ]);
        await PaidForAsync(3);
        Assert.Equal([plan, rocket, milk], await FindAsync(ada, "moon rocket"));
        Assert.Equal([milk], await FindAsync(ada, "breakfast milk", "meaning&limit=1"));
        Assert.Equal([plan, rocket], (await FindAsync(ada, "moon", "hybrid")).Take(2));

        // Another field than those that are searched costs nothing; a new text is the row's meaning.
        await device.PushAsync([
            Edits.Update("notes", milk, 9, ("is_pinned", FieldValue.Boolean(true))),
            Edits.Update("notes", plan, 9, ("body", Edits.Text("breakfast"))),
            Edits.Delete("notes", rocket, 9),
        ]);
        await PaidForAsync(4);
        Assert.Equal([plan, milk], await FindAsync(ada, "breakfast"));
        Assert.Equal(
            0L,
            await database.RunAsync(
                $"select count(embedding) from orchestra.notes_embedding where id = '{rocket}'"
            )
        );
        await silo.RestartAsync();
        await PaidForAsync(4);

        // And nothing of it comes to devices.
        var door = await HttpDoor.OpenAsync(silo, ada);
        foreach (
            var path in new[]
            {
                $"/v1/changes?owner={ada}&epoch={device.Epoch}&since=0",
                "/v1/catalog",
            }
        )
        {
            var answer = await door.GetAsync(path);
            Assert.Equal(HttpStatusCode.OK, answer.Status);
            Assert.DoesNotContain("embedding", answer.Text, StringComparison.Ordinal);
        }
    }

    [VectorFact]
    public async Task P14_Nobody_finds_or_gives_meaning_to_the_rows_of_another()
    {
        await using var adas = await RawDevice.ConnectAsync(silo, ada);
        await using var eves = await RawDevice.ConnectAsync(silo, eve);
        var (first, second) = (Guid.NewGuid(), Guid.NewGuid());
        await adas.PushAsync([Note(first, "secret moon base"), Note(second, "a moon")]);
        // The very same row id, of another owner.
        await eves.PushAsync([Note(first, "bread")]);
        await PaidForAsync(3);
        Assert.Equal([first, second], await FindAsync(ada, "secret moon base"));
        Assert.Equal([first], await FindAsync(eve, "secret moon base"));
        Assert.Equal("not_found", await SupplyAsync(eve, second, "a moon"));
        Assert.Equal("hash_mismatch", await SupplyAsync(eve, first, "secret moon base"));
        Assert.Null(await SupplyAsync(eve, first, "bread"));
        Assert.Equal([first, second], await FindAsync(ada, "secret moon base"));
    }

    [VectorFact]
    public async Task Whatever_the_endpoint_does_wrong_everything_is_embedded_in_the_end()
    {
        var troubles = new Queue<Func<HttpContext, IReadOnlyList<string>, Task<bool>>>([
            (context, _) =>
            {
                context.Response.Headers.RetryAfter = "1";
                return EmbeddingEndpoint.AnswerAsync(context, 429);
            },
            (context, _) => EmbeddingEndpoint.AnswerAsync(context, 500),
            (context, _) => EmbeddingEndpoint.AnswerAsync(context, 200, "garbage"),
            (context, _) => EmbeddingEndpoint.AnswerAsync(context, 200, """{"data":[]}"""),
            (context, texts) =>
                EmbeddingEndpoint.AnswerAsync(context, texts.Select(_ => new float[384]), true),
        ]);
        var isRude = false;
        endpoint.Before = (context, texts) =>
        {
            if (isRude && texts[0].Contains("moon", StringComparison.Ordinal))
            {
                context.Abort();
                return Task.FromResult(true);
            }
            return troubles.TryDequeue(out var trouble)
                ? trouble(context, texts)
                : Task.FromResult(false);
        };
        await using var device = await RawDevice.ConnectAsync(silo, ada);
        var note = Guid.NewGuid();
        await device.PushAsync([Note(note, "milk")]);
        // A search does not wait: it says that it is to come again.
        await EmbeddedDatabase.UntilAsync(() => endpoint.Requests > 0);
        isRude = true;
        var answer = await SearchAsync(ada, "moon");
        Assert.Equal("store_unavailable", answer.Error.Code);
        isRude = false;
        await PaidForAsync(1);
        Assert.Empty(troubles);
        Assert.Equal([note], await FindAsync(ada, "milk"));
        Assert.Contains(silo.Log, line => line.Contains("384", StringComparison.Ordinal));
    }

    [VectorFact]
    public async Task A_text_that_the_model_refuses_keeps_no_other_from_being_embedded()
    {
        endpoint.Before = async (context, texts) =>
            texts.Any(text => text.Contains("poison", StringComparison.Ordinal))
            && await EmbeddingEndpoint.AnswerAsync(context, 400);
        await using var device = await RawDevice.ConnectAsync(silo, ada);
        var notes = Enumerable.Range(0, 7).Select(_ => Guid.NewGuid()).ToList();
        await device.PushAsync([
            .. notes.Select((id, i) => Note(id, i == 3 ? "poison" : $"milk {i}")),
        ]);
        await PaidForAsync(6);
        Assert.Equal(notes.Where((_, i) => i != 3).Order(), (await FindAsync(ada, "milk")).Order());
    }

    [VectorFact]
    public async Task Searches_and_vectors_of_another_shape_are_refused()
    {
        await using var device = await RawDevice.ConnectAsync(silo, ada);
        var note = Guid.NewGuid();
        await device.PushAsync([Note(note, "milk")]);
        foreach (
            var (query, field) in new[]
            {
                ("q=a&mode=x", "mode"),
                ("mode=meaning", "q"),
                ("q=%20&mode=meaning", "q"),
                (
                    "q=a&mode=meaning&cursor=3f000000.0f6c5a3e-8b1d-4c2f-a7e9-3d5b1f2c4a68.a",
                    "cursor"
                ),
            }
        )
        {
            var door = await HttpDoor.OpenAsync(silo, ada);
            var error = (await door.GetAsync($"/v1/search?{query}")).Error;
            Assert.Equal(("malformed", field), (error.Code, error.Field));
        }
        var vector = WordVectors.Of("milk");
        Assert.Equal("invalid_value", await SupplyAsync(ada, note, "milk", vector[..^1]));
        Assert.Equal("invalid_value", await SupplyAsync(ada, note, "milk", new float[1_536]));
        Assert.Equal("invalid_value", await SupplyAsync(ada, note, "milk", vector, "another"));
        Assert.Equal(
            "unknown_entity",
            await SupplyAsync(ada, note, "milk", vector, entity: "nothing")
        );
        Assert.Equal(
            "invalid_value",
            await SupplyAsync(ada, note, "milk", vector, entity: "tasks")
        );
        Assert.Equal("not_found", await SupplyAsync(ada, Guid.NewGuid(), "milk", vector));
    }

    [VectorFact]
    public async Task A_file_is_found_by_its_contents_also_if_they_come_after_it()
    {
        await using var device = await RawDevice.ConnectAsync(silo, ada);
        var bytes = Encoding.UTF8.GetBytes("rockets fly to the moon");
        var hash = ContentHash.Of(SHA256.HashData(bytes));
        var (file, project) = (Guid.NewGuid(), Guid.NewGuid());
        await device.PushAsync([
            Edits.Project(project),
            Edits.Create(
                "files",
                file,
                ("project_id", Edits.Text(project)),
                ("path", Edits.Text("notes.txt")),
                ("size", FieldValue.Integer(bytes.Length)),
                ("content_hash", Edits.Text(hash.Hex))
            ),
            Note(Guid.NewGuid(), "fly to bread"),
        ]);
        await database.DoneAsync();
        Assert.NotEqual(file, (await FindAsync(ada, "fly to the moon")).First());
        var door = await HttpDoor.OpenAsync(silo, ada);
        Assert.Equal(
            HttpStatusCode.Created,
            (await door.SendAsync(HttpMethod.Put, $"/v1/contents/{hash}", bytes)).Status
        );
        await database.DoneAsync();
        Assert.Equal(file, (await FindAsync(ada, "fly to the moon")).First());
        Assert.Contains("notes.txt\nrockets fly to the moon", endpoint.Paid);
    }

    [VectorFact]
    public async Task Who_writes_without_end_keeps_nobody_from_being_embedded()
    {
        const int Rounds = 60;
        await using var adas = await RawDevice.ConnectAsync(silo, ada);
        await using var eves = await RawDevice.ConnectAsync(silo, eve);
        var rounds = 0;
        endpoint.Before = async (_, texts) =>
        {
            if (endpoint.Paid.Any(text => text.Contains("breakfast", StringComparison.Ordinal)))
                return false;
            // Before the model answers, there is more than it was asked for.
            if (++rounds < Rounds)
                await adas.PushAsync([.. Enumerable.Range(0, 70).Select(_ => Flood())]);
            if (rounds == 2)
                await eves.PushAsync([Note(Guid.NewGuid(), "breakfast")]);
            return false;
        };
        await adas.PushAsync([.. Enumerable.Range(0, 70).Select(_ => Flood())]);
        await EmbeddedDatabase.UntilAsync(() =>
            Task.FromResult(
                endpoint.Paid.Any(text => text.Contains("breakfast", StringComparison.Ordinal))
            )
        );
        Assert.InRange(rounds, 2, Rounds - 1);

        static WireChange Flood() => Note(Guid.NewGuid(), $"flood {Guid.NewGuid()}");
    }

    [VectorFact]
    public async Task One_owner_s_flood_of_searches_leaves_another_s_served()
    {
        var apart = new EmbeddedDatabase(await vectors.NewAsync());
        await using var slow = await RunningSilo.StartAsync(
            null,
            [
                .. apart.Settings,
                .. endpoint.Settings,
                ("Orchestra:Embeddings:RequestsPerMinute", "60"),
            ]
        );
        var (adas, eves) = (
            await HttpDoor.OpenAsync(slow, ada),
            await HttpDoor.OpenAsync(slow, eve)
        );
        HttpAnswer answer;
        var asked = 0;
        do answer = await adas.GetAsync($"/v1/search?q=moon{++asked}&mode=meaning");
        while (answer.Status == HttpStatusCode.OK && asked < 100);
        Assert.Equal("rate_limited", answer.Error.Code);
        Assert.Equal(
            HttpStatusCode.OK,
            (await eves.GetAsync("/v1/search?q=milk&mode=meaning")).Status
        );
    }

    /// <summary>What nobody waits for any more keeps no place in the line, and is not paid for.</summary>
    [VectorFact]
    public async Task Searches_that_were_given_up_keep_their_owner_from_no_other()
    {
        const int AtOnce = 2;
        var (asked, answer) = (new SemaphoreSlim(0), new TaskCompletionSource());
        endpoint.Before = async (_, _) =>
        {
            asked.Release();
            await answer.Task;
            return false;
        };
        var held = Enumerable.Range(0, AtOnce).Select(i => SearchAsync(ada, $"held {i}")).ToList();
        for (var i = 0; i < AtOnce; i++)
            await asked.WaitAsync();
        var abandoned = new List<RawTcp>();
        for (var i = 0; i < 5; i++)
        {
            abandoned.Add(await RawTcp.OpenAsync(silo.Gateway));
            await abandoned[i]
                .SendHeadAsync(
                    silo.Gateway,
                    $"GET /v1/search?mode=meaning&q=abandoned{i} HTTP/1.1",
                    await silo.TokenAsync(ada)
                );
        }
        // Let them get in line, and the server see that they are gone.
        await Task.Delay(500);
        abandoned.ForEach(client => client.Reset());
        await Task.Delay(500);
        answer.SetResult();
        Assert.Equal(HttpStatusCode.OK, (await SearchAsync(ada, "last")).Status);
        foreach (var search in held)
            Assert.Equal(HttpStatusCode.OK, (await search).Status);
        Assert.DoesNotContain(
            endpoint.Paid,
            text => text.Contains("abandoned", StringComparison.Ordinal)
        );
    }

    /// <summary>Whose app has a model needs none at the server.</summary>
    [VectorFact]
    public async Task Without_an_endpoint_clients_give_the_vectors()
    {
        var apart = new EmbeddedDatabase(await vectors.NewAsync());
        await using var bare = await RunningSilo.StartAsync(null, [.. apart.Settings]);
        await using var device = await RawDevice.ConnectAsync(bare, eve);
        var (moon, milk) = (Guid.NewGuid(), Guid.NewGuid());
        await device.PushAsync([Note(moon, "moon rocket"), Note(milk, "milk")]);
        foreach (var (note, body) in new[] { (moon, "moon rocket"), (milk, "milk") })
            Assert.Null(await SupplyAsync(eve, note, body, model: "mine", server: bare));
        var door = await HttpDoor.OpenAsync(bare, eve);
        foreach (var mode in new[] { SearchMode.Meaning, SearchMode.Hybrid })
        {
            var found = WireCodec.ReadFound(
                (
                    await door.SendAsync(
                        HttpMethod.Post,
                        "/v1/search",
                        WireCodec.Write(
                            new WireVectorSearch(WordVectors.Of("rocket"), "mine", "rocket", mode)
                        )
                    )
                ).Utf8
            );
            Assert.Equal([moon, milk], found.Hits.Select(hit => hit.Id));
            Assert.Equal("rocket", Marked(found.Hits[0]));
        }
        var other = new WireVectorSearch(WordVectors.Of("rocket"), "another's");
        var none = await door.SendAsync(HttpMethod.Post, "/v1/search", WireCodec.Write(other));
        Assert.Empty(WireCodec.ReadFound(none.Utf8).Hits);
        Assert.Equal("not_found", (await door.GetAsync("/v1/search?q=a&mode=meaning")).Error.Code);
    }

    private static string Marked(WireFoundRow hit) =>
        hit.Snippet.Substring(hit.Highlights[0][0], hit.Highlights[0][1]);

    private static WireChange Note(Guid id, string body) =>
        Edits.Create(
            "notes",
            id,
            ("title", Edits.Text(Canary.Word)),
            ("body", Edits.Text(body)),
            ("is_pinned", FieldValue.Boolean(false))
        );

    /// <summary>All is embedded, and so many texts of rows were paid for since the beginning.</summary>
    private async Task PaidForAsync(int texts)
    {
        await database.DoneAsync();
        Assert.Equal(
            texts,
            endpoint.Paid.Count(text => text.Contains(Canary.Word, StringComparison.Ordinal))
        );
    }

    private async Task<HttpAnswer> SearchAsync(
        OwnerId owner,
        string words,
        string mode = "meaning"
    ) =>
        await (await HttpDoor.OpenAsync(silo, owner)).GetAsync(
            $"/v1/search?q={Uri.EscapeDataString(words)}&mode={mode}"
        );

    private async Task<IEnumerable<Guid>> FindAsync(
        OwnerId owner,
        string words,
        string mode = "meaning"
    ) =>
        WireCodec
            .ReadFound((await SearchAsync(owner, words, mode)).Utf8)
            .Hits.Select(hit => hit.Id);

    /// <returns>The error's code, or null.</returns>
    private async Task<string?> SupplyAsync(
        OwnerId owner,
        Guid note,
        string body,
        float[]? vector = null,
        string model = EmbeddingEndpoint.Model,
        string entity = "notes",
        RunningSilo? server = null
    )
    {
        var text = EmbeddedText.Of([Canary.Word, body]);
        var answer = await (await HttpDoor.OpenAsync(server ?? silo, owner)).SendAsync(
            HttpMethod.Put,
            $"/v1/embeddings/{entity}/{note}",
            WireCodec.Write(
                new WireEmbedding(model, text.Hash, vector ?? WordVectors.Of(text.Text))
            )
        );
        return answer.Status == HttpStatusCode.NoContent ? null : answer.Error.Code;
    }
}
