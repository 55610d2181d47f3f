using System.Collections.Concurrent;
using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Net;
using System.Text.Json;
using Orchestra.Sync;
using Orchestra.Sync.Wire;
using Orchestra.TestKit.Silos;
using Orchestra.Tests.Protocol;

namespace Orchestra.Tests.Gateway;

/// <summary>
/// What users write, and their tokens, are in no log, metric, trace or error: also when everything is
/// logged that there is, and whatever goes wrong with it.
/// </summary>
public sealed class CanaryTests
{
    private readonly OwnerId owner = SharedServer.NewOwner();

    [Fact]
    public async Task Nothing_of_what_users_write_is_told_to_anybody_else()
    {
        using var watch = new Watch();
        await using var silo = await RunningSilo.StartAsync(
            null,
            ("Logging:LogLevel:Default", "Trace"),
            ("Logging:LogLevel:Orchestra", "Trace")
        );
        await WriteAsync(silo);
        await BreakAsync(silo);
        await MisuseTokensAsync(silo);
        await LookAsync(silo);

        Assert.Contains(
            silo.Log,
            line => line.StartsWith("Microsoft.AspNetCore.", StringComparison.Ordinal)
        );
        Assert.NotEmpty(watch.Texts);
        Canary.RequireNone("The log", silo.Log);
        Canary.RequireNone("A metric or a trace", watch.Texts);
    }

    /// <summary>Everywhere a user's text can be.</summary>
    private async Task WriteAsync(RunningSilo silo)
    {
        await using var device = await RawDevice.ConnectAsync(silo, owner);
        await using var other = await RawDevice.ConnectAsync(silo, owner);
        var id = Guid.NewGuid();
        var row = (await device.PushAsync(Edits.Project(id, Canary.Word)))[0].Version!.Value;
        await device.PushAsync(
            Edits.Note(Guid.NewGuid(), Canary.Word),
            Edits.Update("projects", id, row, ("metadata", Json()), ("color", Text()))
        );
        await other.PushAsync(
            Edits.Update("projects", id, row, ("name", Text())) with
            {
                AgeMs = 3_600_000,
            }
        );
        await other.Socket.SendAsync(new PresenceMessage(JsonElement.Parse($"\"{Canary.Word}\"")));
        await device.PullAsync(0);
        var door = await HttpDoor.OpenAsync(silo, owner);
        await door.GetAsync("/v1/conflicts");
        Assert.Contains(
            Canary.Word,
            (await door.GetAsync($"/v1/search?q={Canary.Word}")).Text,
            StringComparison.Ordinal
        );
        await door.PatchAsync($"/v1/devices/{device.Device.Id}", new DevicePatch(Canary.Word));
    }

    /// <summary>Wrong in every way, with the word in it.</summary>
    private async Task BreakAsync(RunningSilo silo)
    {
        await using var device = await RawDevice.ConnectAsync(silo, owner);
        await device.PushAsync(
            Edits.Create(Canary.Word, Guid.NewGuid()),
            Edits.Create("projects", Guid.NewGuid(), ("name", Text()), (Canary.Word, Text())),
            Edits.Create(
                "projects",
                Guid.NewGuid(),
                ("name", FieldValue.Integer(1)),
                ("color", Text())
            ),
            Edits.Project(Guid.NewGuid(), Canary.Word + new string('x', 500)),
            Edits.Project() with
            {
                Id = Canary.Word,
            }
        );
        foreach (
            var message in new[]
            {
                Canary.Word,
                $"{{\"t\":\"{Canary.Word}\"}}",
                $"{{\"t\":\"push\",\"{Canary.Word}\":\"{Canary.Word}\",\"owner\":\"{Canary.Word}\"}}",
                $"{{\"t\":\"verify\",\"owner\":\"{owner}\",\"entities\":[\"{Canary.Word}\"]}}",
                $"{{\"t\":\"pull\",\"owner\":\"{owner}\",\"epoch\":1,\"since\":0,\"mark\":\"{Canary.Word}\"}}",
                $"{{\"t\":\"presence\",\"state\":\"{Canary.Word}{new string('x', 2_000)}\"}}",
            }
        )
        {
            await device.Socket.SendAsync(message);
            await device.Socket.ExpectAsync<ErrorMessage>();
        }
        var door = await HttpDoor.OpenAsync(silo, owner);
        foreach (var path in new[] { "/v1/push", "/v1/hello", "/v1/verify" })
        {
            var answer = await door.SendAsync(
                HttpMethod.Post,
                path,
                JsonSerializer.SerializeToUtf8Bytes(Canary.Word)
            );
            Canary.RequireNone("An error", [answer.Text]);
        }
    }

    /// <summary>Tokens where they belong and where they do not.</summary>
    private async Task MisuseTokensAsync(RunningSilo silo)
    {
        var token = await silo.TokenAsync(owner);
        var forge = new TokenForge(silo, TimeProvider.System.GetUtcNow());
        foreach (
            var bad in new[]
            {
                $"{token}x",
                Canary.Word,
                forge.Make(owner, spoiled => spoiled.Issuer = Canary.Word),
                forge.Make(Canary.Word),
                forge.Make(
                    owner,
                    spoiled =>
                        spoiled.Expires = TimeProvider.System.GetUtcNow().UtcDateTime.AddHours(-1)
                ),
            }
        )
        {
            await new HttpDoor(silo.Http, bad).GetAsync("/v1/devices");
            await using var socket = await RawSocket.OpenAsync(silo.Gateway);
            await socket.SendAsync(new HelloMessage(1, RawDevice.NewDevice(), [], bad));
            await socket.ExpectCloseAsync();
        }
        foreach (var name in new[] { "token", "access_token", "jwt" })
        {
            var door = new HttpDoor(silo.Http, null);
            Canary.RequireNone(
                "An error",
                [(await door.GetAsync($"/v1/sync?{name}={token}")).Text]
            );
        }
    }

    /// <summary>Operators see which owner does what, and never what he writes.</summary>
    private async Task LookAsync(RunningSilo silo)
    {
        using var http = new HttpClient { BaseAddress = silo.Admin };
        string[] pages =
        [
            "DashboardCounters",
            "ClusterStats",
            "TopGrainMethods",
            "GrainTypes",
            $"GrainState?grainId={owner}&grainType=Orchestra.Grains.Owner.SyncGrain",
        ];
        foreach (var page in pages)
        {
            using var answer = await http.GetAsync($"/dashboard/{page}");
            Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
            Canary.RequireNone(page, [await answer.Content.ReadAsStringAsync()]);
        }
        using var trace = await http.GetAsync("/dashboard/Trace");
        Assert.Equal(HttpStatusCode.Forbidden, trace.StatusCode);
    }

    private static FieldValue Text() => Edits.Text(Canary.Word);

    private static FieldValue Json() => FieldValue.Json($"{{\"{Canary.Word}\":\"{Canary.Word}\"}}");

    /// <summary>All that this process measures and traces.</summary>
    private sealed class Watch : IDisposable
    {
        private readonly ConcurrentBag<string> texts = [];
        private readonly MeterListener meters = new();
        private readonly ActivityListener traces;

        public Watch()
        {
            meters.InstrumentPublished = (instrument, self) =>
                self.EnableMeasurementEvents(instrument);
            meters.SetMeasurementEventCallback<long>((meter, _, tags, _) => Note(meter, tags));
            meters.SetMeasurementEventCallback<int>((meter, _, tags, _) => Note(meter, tags));
            meters.SetMeasurementEventCallback<double>((meter, _, tags, _) => Note(meter, tags));
            meters.Start();
            traces = new ActivityListener
            {
                ShouldListenTo = _ => true,
                Sample = (ref ActivityCreationOptions<ActivityContext> _) =>
                    ActivitySamplingResult.AllDataAndRecorded,
                ActivityStopped = Note,
            };
            ActivitySource.AddActivityListener(traces);
        }

        public IEnumerable<string> Texts => texts;

        public void Dispose()
        {
            meters.Dispose();
            traces.Dispose();
        }

        private void Note(Instrument meter, ReadOnlySpan<KeyValuePair<string, object?>> tags)
        {
            foreach (var (name, value) in tags)
                texts.Add($"{meter.Name}: {name}={value}");
        }

        private void Note(Activity activity)
        {
            texts.Add(
                $"{activity.Source.Name}: {activity.DisplayName} {activity.StatusDescription}"
            );
            foreach (
                var (name, value) in activity.TagObjects.Concat(
                    activity.Events.SelectMany(happened => happened.Tags)
                )
            )
                texts.Add($"{activity.DisplayName}: {name}={value}");
        }
    }
}
